// Package shm is the place of lua_shared_dict: zones of memory that all workers
// share and that outlive a crash, a reload and an upgrade. Nothing is built
// here yet, and the directive is refused at start. It will import none of ring,
// lua and bpf.
package shm
