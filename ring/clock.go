package ring

// UpdateTime reads the clocks again: Now, WallUnixNano and WallTime show the present until the next iteration reads them
// anyway. For callbacks that ran long.
func (r *Ring) UpdateTime() {
	r.now = r.k.Now()
	r.wallNow = 0
}
