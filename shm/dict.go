package shm

import (
	"bytes"
	"errors"
	"math"
	"sync/atomic"
)

// Errors of operations. Their texts are those that scripts see.
var (
	ErrNotFound  = errors.New("not found")
	ErrExists    = errors.New("exists")
	ErrNoMemory  = errors.New("no memory")
	ErrNotNumber = errors.New("not a number")
	ErrIsList    = errors.New("value is a list")
	ErrNotList   = errors.New("value not a list")
	ErrChanged   = errors.New("changed")
	ErrDamaged   = errors.New("shared memory zone is damaged")
	ErrBusy      = errors.New("shared memory zone is locked")
)

// Kind is a value's type; the numbers are in the file.
type Kind uint8

const (
	Nil    Kind = 0
	Bool   Kind = 1
	Number Kind = 3
	String Kind = 4
	List   Kind = 5
)

// Value is what a key has.
type Value struct {
	Kind   Kind
	Number float64 // for Bool 0 or 1
	Bytes  []byte  // of a String; from Get and Pop a view of the Zone's buffer until the next call
	Flags  uint32
	Stale  bool // Get: it has expired

	expires uint64
}

// bits is what stands in an entry's or node's word for numbers.
func (v *Value) bits() uint64 {
	if v.Kind == Bool {
		if v.Number != 0 {
			return 1
		}
		return 0
	}
	return math.Float64bits(v.Number)
}

func (v *Value) setBits(k Kind, b uint64) {
	v.Kind, v.Number = k, math.Float64frombits(b)
	if k == Bool {
		v.Number = float64(b & 1)
	}
}

// len is what nginx counts as the value's length.
func (v *Value) len() int {
	switch v.Kind {
	case String:
		return len(v.Bytes)
	case Number:
		return 8
	case Bool, List:
		return 1 // a new list has one node
	}
	return 0
}

// after is the time d ms after now, as an entry keeps it: 0, never, for d <= 0.
func after(now, d int64) uint64 {
	if d <= 0 {
		return 0
	}
	return uint64(now) + uint64(d)
}

const (
	readTries = 16
	readMax   = 1024 // longer strings are copied under the lock, at once instead of word by word
)

// Get reads the value of key into v: Nil if there is none or it has expired, unless stale says that those are wanted. It
// fails with ErrIsList, ErrDamaged or ErrBusy.
func (z *Zone) Get(key []byte, now int64, stale bool, v *Value) error {
	if !stale {
		if err := z.tick(now); err != nil {
			return err
		}
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	p := z.w64(stripe)
	for range readTries {
		seen := atomic.LoadUint64(p)
		if seen&ownerMask != 0 {
			continue
		}
		off, done := z.read(h, key, now, stale, v, readMax)
		if atomic.LoadUint64(p) != seen {
			z.bad = false
			continue
		}
		if !done {
			break
		}
		return z.got(off, now, v)
	}
	return z.getLocked(h, stripe, key, now, stale, v)
}

// got ends a Get that has read the entry at off.
func (z *Zone) got(off uint64, now int64, v *Value) error {
	if z.bad {
		return z.damage()
	}
	if off != 0 && !v.Stale {
		z.touch(off, now)
	}
	if v.Kind == List {
		return ErrIsList
	}
	return nil
}

//go:noinline
func (z *Zone) getLocked(h, stripe uint64, key []byte, now int64, stale bool, v *Value) error {
	if !z.lock(stripe) {
		return ErrBusy
	}
	off, _ := z.read(h, key, now, stale, v, math.MaxUint32)
	err := z.got(off, now, v)
	z.unlock(stripe)
	return err
}

// read finds key and copies its value. done is false if the value is a string longer than most.
func (z *Zone) read(h uint64, key []byte, now int64, stale bool, v *Value, most uint64) (off uint64, done bool) {
	ref, _ := z.find(h, key)
	if ref == 0 {
		v.Kind, v.Stale = Nil, false
		return 0, true
	}
	off = uint64(ref) * unit
	v.expires = z.load64(off + entryExpires)
	if v.Stale = v.expires != 0 && v.expires <= uint64(now); v.Stale && !stale {
		v.Kind = Nil
		return off, true
	}
	v.Flags = z.load32(off + entryFlags)
	w := z.load64(off + entryWhat)
	switch k := kindOf(w); k {
	case Number, Bool:
		v.setBits(k, z.load64(off+entryNumber))
	case List:
		v.Kind = List
	case String:
		v.Kind = String
		n := valueLenOf(w)
		if n > most {
			return off, false
		}
		if classOf(w)&chained == 0 && n <= readMax {
			z.buf = z.getBytes(z.buf[:0], off+entryData+(keyLenOf(w)+7)&^7, n)
		} else {
			s := z.valueAt(ref, w)
			z.buf = z.get(&s, z.buf[:0], n)
		}
		v.Bytes = z.buf
	default:
		z.astray()
	}
	return off, true
}

// Mode says when Set stores.
type Mode uint8

const (
	Always  Mode = 0
	Add     Mode = 1 << 0 // only if there is no value yet
	Replace Mode = 1 << 1 // only if there is one
	Safe    Mode = 1 << 2 // never at the cost of others
)

// Set stores v, with its flags, for ttl ms (0: for ever). Nil removes the key. It fails with ErrExists, ErrNotFound, ErrNoMemory, ErrDamaged or
// ErrBusy. forcible tells that others had to go to make room. When memory is short the key's old value goes first, and stays
// gone if the new one doesn't fit.
func (z *Zone) Set(mode Mode, key []byte, v *Value, ttl, now int64) (forcible bool, err error) {
	if err := z.tick(now); err != nil {
		return false, err
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	ref, link, ok := z.lockFind(h, stripe, key)
	if !ok {
		return false, ErrBusy
	}
	forcible, err = z.set(mode, h, stripe, key, ref, link, v, after(now, ttl), now)
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return forcible, err
}

// set is Set for who holds the stripe and has found the key's entry.
func (z *Zone) set(mode Mode, h, stripe uint64, key []byte, ref uint32, link uint64, v *Value, expires uint64, now int64) (bool, error) {
	live := ref != 0
	if live {
		if e := z.load64(uint64(ref)*unit + entryExpires); e != 0 && e <= uint64(now) {
			live = false
		}
	}
	switch {
	case mode&Replace != 0 && !live:
		return false, ErrNotFound
	case mode&Add != 0 && live:
		z.touchHeld(uint64(ref)*unit, now)
		return false, ErrExists
	case ref == 0 && v.Kind == Nil:
		return false, nil
	case ref != 0 && v.Kind != Nil && z.setInPlace(stripe, ref, v, expires, now, h):
		return false, nil
	}
	if !z.lock(offPoolLock) {
		return false, ErrBusy
	}
	forcible, err := false, error(nil)
	if v.Kind == Nil {
		z.drop(ref, link)
	} else {
		_, forcible, err = z.insert(mode, h, stripe, key, ref, link, v, expires, now)
	}
	z.setHint()
	z.unlock(offPoolLock)
	return forcible, err
}

// setInPlace stores v where the entry's value is, if it has room there and is short enough for the undo record.
func (z *Zone) setInPlace(stripe uint64, ref uint32, v *Value, expires uint64, now int64, h uint64) bool {
	off := uint64(ref) * unit
	w := z.load64(off + entryWhat)
	class := classOf(w)
	if kindOf(w) == List || class&chained != 0 {
		return false
	}
	size := classSize[class&classMask]
	first := (entryData + (keyLenOf(w)+7)&^7) / 8 // the value's first word
	var words uint64
	if v.Kind == String {
		words = uint64(len(v.Bytes)+7) / 8
		need := (first + words) * 8
		if words > undoMax || need > size || need*2 < size && len(v.Bytes) != int(valueLenOf(w)) {
			return false
		}
	} else if size > 256 && first*16 < size {
		return false // a long string gives way to a number: don't keep its room
	}
	if off+size > z.geo.size {
		z.astray()
		return false
	}
	what := whatOf(int(keyLenOf(w)), v.Kind, class, v.len())
	bits := v.bits()
	if v.Kind == Number && what == w && !z.persistent && z.load64(off+entryExpires) == expires && z.load32(off+entryFlags) == v.Flags {
		z.store64(off+entryNumber, bits) // one word: no need to record it
	} else {
		z.record(stripe, ref, first, words)
		z.setFixed(off, what, expires, uint64(v.Flags)|uint64(z.sum(h, what, expires, v))<<32, bits)
		if v.Kind == String {
			z.putBytes(off+first*8, v.Bytes)
		}
		z.commit(stripe)
		z.hinted(ref, expires)
	}
	z.touchHeld(off, now)
	return true
}

// insert stores v as a new entry, in the place of ref if that isn't 0. The caller holds the stripe and the pool. mode&Safe forbids to
// remove others.
func (z *Zone) insert(mode Mode, h, stripe uint64, key []byte, ref uint32, link uint64, v *Value, expires uint64, now int64) (made uint32, forcible bool, err error) {
	keyRoom, n := uint64(len(key)+7)&^7, uint64(0)
	if v.Kind == String {
		n = uint64(len(v.Bytes))
	}
	made, class := z.alloc(entryData, keyRoom+n)
	if made == 0 && ref != 0 && !z.bad {
		z.drop(ref, link)
		ref = 0
		made, class = z.alloc(entryData, keyRoom+n)
	}
	if made == 0 && mode&Safe == 0 {
		for i := 0; i < 30 && made == 0 && !z.bad; i++ { // as often as nginx tries
			if z.expire(now, true, stripe) == 0 {
				break
			}
			forcible = true
			made, class = z.alloc(entryData, keyRoom+n)
		}
		_, link = z.find(h, key) // what went may have stood before it in the chain
	}
	if made == 0 || z.bad {
		return 0, forcible, ErrNoMemory
	}
	off := uint64(made) * unit
	w, bits := whatOf(len(key), v.Kind, class, v.len()), v.bits()
	if v.Kind == List {
		bits = z.firstNode()
	}
	z.store32(off+entryHash, uint32(h>>32))
	z.setFixed(off, w, expires, uint64(v.Flags)|uint64(z.sum(h, w, expires, v))<<32, bits)
	z.store64(off+entryStamp, z.stamp(now))
	s := z.stream(made, class, entryData)
	z.put(&s, key)
	if v.Kind == String {
		z.put(&s, v.Bytes)
	}
	next := z.load32(link)
	if ref != 0 {
		next = z.load32(uint64(ref)*unit + entryNext)
	}
	z.store32(off+entryNext, next)
	atomic.StoreUint32(z.w32(link), made) // from here on it is there
	z.linkFirst(made)
	*z.w64(offCount)++
	if ref != 0 {
		z.release(ref)
	}
	return made, forcible, nil
}

// Delete removes key.
func (z *Zone) Delete(key []byte, now int64) error {
	_, err := z.Set(Always, key, &Value{}, 0, now)
	return err
}

// Incr adds delta to the number that key has, and returns the sum. If there is none it begins with *init for ttl ms (0: for ever), and
// without init fails with ErrNotFound. Other errors: ErrNotNumber, ErrNoMemory, ErrDamaged, ErrBusy.
func (z *Zone) Incr(key []byte, delta float64, init *float64, ttl, now int64) (sum float64, forcible bool, err error) {
	if err := z.tick(now); err != nil {
		return 0, false, err
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	ref, link, ok := z.lockFind(h, stripe, key)
	if !ok {
		return 0, false, ErrBusy
	}
	off := uint64(ref) * unit
	var expires uint64
	if ref != 0 {
		expires = z.load64(off + entryExpires)
	}
	if ref != 0 && (expires == 0 || expires > uint64(now)) {
		z.touchHeld(off, now)
		if w := z.load64(off + entryWhat); kindOf(w) != Number {
			err = ErrNotNumber
		} else {
			sum = math.Float64frombits(z.load64(off+entryNumber)) + delta
			if z.persistent {
				v := Value{Kind: Number, Number: sum, Flags: z.load32(off + entryFlags)}
				z.record(stripe, ref, 0, 0)
				z.store64(off+entryNumber, math.Float64bits(sum))
				z.store64(off+entryFlags, uint64(v.Flags)|uint64(z.sum(h, w, expires, &v))<<32)
				z.commit(stripe)
			} else {
				z.store64(off+entryNumber, math.Float64bits(sum))
			}
		}
	} else if init == nil {
		err = ErrNotFound
	} else {
		v := Value{Kind: Number, Number: *init + delta}
		sum = v.Number
		forcible, err = z.set(Always, h, stripe, key, ref, link, &v, after(now, ttl), now)
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return sum, forcible, err
}

// CompareAndSet stores v, for ttl ms (0: for ever), if key has the value old (Nil: none); otherwise it fails with ErrChanged.
func (z *Zone) CompareAndSet(key []byte, old, v *Value, ttl, now int64) (forcible bool, err error) {
	if err := z.tick(now); err != nil {
		return false, err
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if !z.lock(stripe) {
		return false, ErrBusy
	}
	var is Value
	z.read(h, key, now, false, &is, math.MaxUint32)
	if is.Kind != old.Kind || is.Kind == List || is.Kind == String && !bytes.Equal(is.Bytes, old.Bytes) ||
		(is.Kind == Number || is.Kind == Bool) && is.Number != old.Number {
		err = ErrChanged
	} else {
		ref, link := z.find(h, key)
		forcible, err = z.set(Always, h, stripe, key, ref, link, v, after(now, ttl), now)
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return forcible, err
}

// TTL returns in how many ms key expires, negative if it has; ok is false if it never does. It fails with ErrNotFound.
func (z *Zone) TTL(key []byte, now int64) (ms int64, ok bool, err error) {
	if z.Damaged() {
		return 0, false, ErrDamaged
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if !z.lock(stripe) {
		return 0, false, ErrBusy
	}
	ref, _ := z.find(h, key)
	if ref == 0 {
		err = ErrNotFound
	} else if e := z.load64(uint64(ref)*unit + entryExpires); e != 0 {
		ms, ok = int64(e)-now, true
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return ms, ok, err
}

// Expire lets key expire in ttl ms, never if that is 0 or less. It fails with ErrNotFound.
func (z *Zone) Expire(key []byte, ttl, now int64) (err error) {
	if z.Damaged() {
		return ErrDamaged
	}
	h := z.hash(key)
	stripe := z.stripe(h)
	if !z.lock(stripe) {
		return ErrBusy
	}
	if ref, _ := z.find(h, key); ref == 0 {
		err = ErrNotFound
	} else {
		z.setExpires(stripe, ref, after(now, ttl))
	}
	z.unlock(stripe)
	if z.bad {
		err = z.damage()
	}
	return err
}

// setExpires changes when an entry expires. The caller holds its stripe.
func (z *Zone) setExpires(stripe uint64, ref uint32, expires uint64) {
	off := uint64(ref) * unit
	if !z.persistent {
		z.store64(off+entryExpires, expires)
	} else {
		z.record(stripe, ref, 0, 0)
		old := z.load64(off + entryExpires)
		z.store64(off+entryExpires, expires)
		z.store32(off+entryFlags+4, z.load32(off+entryFlags+4)^expiresSum(old)^expiresSum(expires))
		z.commit(stripe)
	}
	z.hinted(ref, expires)
}

// FlushAll lets everything expire.
func (z *Zone) FlushAll(now int64) error {
	if z.Damaged() {
		return ErrDamaged
	}
	per := z.geo.buckets / z.geo.stripes
	for i := range z.geo.stripes {
		stripe := offStripes + i*stripeSize
		if !z.lock(stripe) {
			return ErrBusy
		}
		for b := i * per; b < (i+1)*per; b++ {
			steps := z.geo.pages * 64
			for ref := z.load32(z.geo.bucketOff + b*4); ref != 0 && !z.bad; ref = z.load32(uint64(ref)*unit + entryNext) {
				z.setExpires(stripe, ref, 1)
				if steps--; steps == 0 {
					z.astray()
				}
			}
		}
		z.unlock(stripe)
	}
	if !z.lock(offPoolLock) {
		return ErrBusy
	}
	z.expire(now, true, 0)
	z.setHint()
	z.unlock(offPoolLock)
	return z.check()
}

// lockPool is for operations on the whole zone.
func (z *Zone) lockPool() error {
	if z.Damaged() {
		return ErrDamaged
	}
	if !z.lock(offPoolLock) {
		return ErrBusy
	}
	return nil
}

// FlushExpired removes what has expired, at most so many entries (0: all), and returns how many it were.
func (z *Zone) FlushExpired(most int, now int64) (n int, err error) {
	if err := z.lockPool(); err != nil {
		return 0, err
	}
	steps := *z.w64(offCount)
	for ref := *z.w32(offLast); ref != 0 && !z.bad; {
		newer := *z.w32(uint64(ref)*unit + entryPrev)
		if e := z.load64(uint64(ref)*unit + entryExpires); e != 0 && e <= uint64(now) {
			for tries := 0; ; tries++ { // another process holds the stripe for a moment only, or waits for the pool
				if z.dropByRef(ref, 0) {
					n++
					break
				}
				if z.bad || tries == spins {
					break
				}
			}
			if n == most && most > 0 {
				break
			}
		}
		if ref = newer; steps == 0 {
			break
		}
		steps--
	}
	z.setHint()
	z.unlock(offPoolLock)
	return n, z.check()
}

// Keys calls f with the keys that haven't expired, at most so many (0: all), the least recently used one first. key is a view until f
// returns. f must not use z.
func (z *Zone) Keys(most int, now int64, f func(key []byte) bool) error {
	if err := z.lockPool(); err != nil {
		return err
	}
	n := 0
	steps := 2 * *z.w64(offCount)
	for ref := *z.w32(offLast); ref != 0 && !z.bad; steps-- {
		newer := *z.w32(uint64(ref)*unit + entryPrev)
		if steps == 0 {
			break
		}
		if z.settle(ref) && *z.w32(uint64(ref)*unit + entryPrev) != newer {
			ref = newer // and ref comes later
			continue
		}
		if e := z.load64(uint64(ref)*unit + entryExpires); e == 0 || e > uint64(now) {
			if key, ok := z.keyOf(ref); !ok || !f(key) {
				break
			}
			if n++; n == most {
				break
			}
		}
		ref = newer
	}
	z.setHint()
	z.unlock(offPoolLock)
	return z.check()
}

// FreeSpace is the size of the pages that hold nothing. While it is 0, there may be room in the others.
func (z *Zone) FreeSpace() (int, error) {
	if err := z.lockPool(); err != nil {
		return 0, err
	}
	n := *z.w64(offFreePages) * pageSize
	z.unlock(offPoolLock)
	return int(n), z.check()
}

// Count is the number of entries, expired ones included.
func (z *Zone) Count() (int, error) {
	if err := z.lockPool(); err != nil {
		return 0, err
	}
	n := *z.w64(offCount)
	z.unlock(offPoolLock)
	return int(n), z.check()
}
