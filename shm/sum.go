package shm

import "math"

// Entries and nodes of persistent zones have checksums of all that makes them, so that after a power cut, when the file's pages are of different
// times, what is whole can be told from what isn't.

func fold(x uint64) uint32 { return uint32(x) ^ uint32(x>>32) }

// expiresSum is an entry's time of expiry in its checksum; it can be exchanged.
func expiresSum(e uint64) uint32 { return fold(mix(e^mixA, mixB)) }

// sum is an entry's checksum. The length of a list and the class of the slot are not in it.
func (z *Zone) sum(h, what, expires uint64, v *Value) uint32 {
	if !z.persistent {
		return 0
	}
	x := what &^ (0xff << 24)
	switch v.Kind {
	case String:
		x = mix(x^mixB, z.hash(v.Bytes)^mixA)
	case List:
		x &= math.MaxUint32
	default:
		x = mix(x^mixB, v.bits()^mixA)
	}
	return fold(mix(x^h, uint64(v.Flags)^mixB)) ^ expiresSum(expires)
}

// nodeSum is a list node's checksum.
func (z *Zone) nodeSum(v *Value) uint32 {
	if !z.persistent {
		return 0
	}
	if v.Kind == String {
		return fold(mix(z.hash(v.Bytes)^mixA, z.seed0))
	}
	return fold(mix(v.bits()^mixB, z.seed0))
}
