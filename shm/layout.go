package shm

import "math/bits"

// The file, in bytes:
//
//	0     magic, version, size, seeds, flags, boot identity, checksum of these: written once
//	128   state: clean, damaged
//	192   hint: when the least recently used entry expires; read by each operation
//	256   the pool's lock
//	320   the pool's state
//	640   stripes, each 256: lock, waiters, undo record
//	...   buckets, each 4: reference of the first entry
//	...   pages' records, each 24
//	...   pages, each 4096, on a multiple of 64
//
// A reference is an offset in units of 16 bytes; 0 is none.
const (
	magic         = 0x3148_5353_4e4f_4f4d // "MOONSSH1", as it stands in memory
	layoutVersion = 1

	offMagic    = 0
	offVersion  = 8
	offSize     = 16
	offSeed0    = 24
	offSeed1    = 32
	offFlags    = 40
	offBoot     = 48 // 2 words
	offChecksum = 64
	offClean    = 128
	offDamaged  = 136
	offHint     = 192
	offPoolLock = 256

	offFirst     = 320 // reference of the most recently used entry
	offLast      = 324 // and of the least recently used one
	offCount     = 328 // entries
	offFreeBytes = 336 // in free pages and free slots
	offFreePages = 344
	offFreeHead  = 352 // first free page, as index + 1
	offPartial   = 356 // for each class: first page with slots free and slots in use, as index + 1
	offStripes   = 640

	flagPersistent = 1

	unit         = 16
	pageSize     = 4096
	pageMetaSize = 24
	stripeSize   = 256
	stripesMax   = 64

	// MinSize is what the smallest zone takes.
	MinSize = 8192
	// MaxSize is what a reference reaches.
	MaxSize = 1 << 36
	// MaxKey is the length of the longest key.
	MaxKey = 65535
)

// Words of a stripe.
const (
	lockWord    = 0
	lockFutex   = 8  // 32 bits, changes at each wake-up
	lockWaiters = 12 // 32 bits, not 0 if somebody may sleep
	undoHead    = 16 // reference 32, first word 16, words 16; 0 if there is nothing to undo
	undoFixed   = 24 // 4 words: what, expires, flags and number of the entry
	undoData    = 56 // as many words as undoHead says
	undoMax     = (stripeSize - undoData) / 8
)

// An entry. What follows the head is the key, filled up to 8 bytes, then the value if that is a string.
const (
	entryHash    = 0  // 32 bits of the key's hash
	entryNext    = 4  // the next entry of the chain
	entryWhat    = 8  // length of the key 16, kind 8, class 8, length of the value 32
	entryExpires = 16 // 0: never
	entryFlags   = 24 // user flags 32, checksum 32 (persistent zones)
	entryStamp   = 32 // time of last use; the lowest bit tells that it is later than the place in the order of use
	entryPrev    = 40 // neighbours in the order of use: used later
	entryOlder   = 44 // used earlier
	entryNumber  = 48 // a number's bits, a boolean, or a list's first and last node
	entryData    = 56

	nodeNext = 0 // towards the tail
	nodePrev = 4
	nodeWhat = 8  // length of the value 32, kind 8, class 8
	nodeSum  = 16 // checksum 32 (persistent zones)
	nodeData = 24

	pieceNext  = 0
	pieceClass = 4
	pieceData  = 8

	classMask = 0x1f
	chained   = 0x80 // in a class: the last word of the slot refers to a piece
)

// classSize is what a slot of each class takes: whole units, at most 64 slots a page.
var classSize = [32]uint64{64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 400, 512, 672, 816, 1024, 1360, 2048, 4096}

const (
	classes   = 18
	pageClass = classes - 1
)

// classFor is the smallest class for n bytes, at most a page, by units.
var classFor [pageSize/unit + 1]uint8

func init() {
	c := uint8(0)
	for i := range classFor {
		for uint64(i*unit) > classSize[c] {
			c++
		}
		classFor[i] = c
	}
}

// geometry says where what begins in a zone. It follows from the size alone.
type geometry struct {
	size                        uint64
	stripes, buckets            uint64 // powers of 2
	stripeShift                 uint   // from a bucket's index to its stripe's
	bucketOff, metaOff, pageOff uint64
	pages                       uint64
}

func layout(size uint64) geometry {
	g := geometry{size: size, stripes: 1, buckets: 64}
	for g.stripes < stripesMax && g.stripes*16*pageSize < size {
		g.stripes *= 2
	}
	for g.buckets*128 < size {
		g.buckets *= 2
	}
	g.stripeShift = uint(bits.TrailingZeros64(g.buckets) - bits.TrailingZeros64(g.stripes))
	g.bucketOff = offStripes + g.stripes*stripeSize
	g.metaOff = g.bucketOff + g.buckets*4
	g.pages = (size - g.metaOff - 64) / (pageSize + pageMetaSize)
	g.pageOff = (g.metaOff + g.pages*pageMetaSize + 63) &^ 63
	return g
}
