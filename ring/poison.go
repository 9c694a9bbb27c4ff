package ring

// poisonByte fills freed provided buffers, output blocks and (as far as they are
// numbers) recycled connections in builds with the tag "poison".
const poisonByte = 0xDB

func poison(b []byte) {
	if !poisoned || len(b) == 0 {
		return
	}
	b[0] = poisonByte
	for n := 1; n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}
