// Package appliance is everything around the request path: the command line, the master that supervises, and the frame in which a
// worker runs.
//
//	Main (cli.go)                          what was asked for
//	  -t -T -v -V -s                       answered at once: testconfig.go, pidfile.go
//	  lua FILE                             package luatool
//	  run DIR, or nothing: serve           launch.go: read the configuration, put it into a sealed memfd, execute ourselves
//	     ├─ init process (init.go)         runs init_by_lua, if there is any, and leaves its VM in a memfd
//	     └─ master (master.go)             sockets.go logs.go pidfile.go: what workers get as descriptors
//	          └─ worker 0..n (spawn.go)    worker.go: configuration from the memfd, package proxy's loop
//
// HUP (reload.go) makes the next formation of workers beside the one that serves. When all of it could serve, it begins to, and the old one
// drains; until then any failure leaves everything as it was. Listening sockets are handed from one to the next by address, and none
// of an address that stays is closed: with fewer workers some have several.
//
// USR2 (upgrade.go) starts another master from the binary's path, with the listening sockets among its descriptors. What it serves is read from disk
// anew; old and new serve side by side until one is told to go.
//
// # What is handed over
//
// A worker is our own binary executed again, with these descriptors: 0 to 2, the memfd (3), one end of a SOCK_SEQPACKET pair (4), the memory of its heartbeat (5; pulse.go), the VM
// that init_by_lua left (6; init.go), the socket at which a new master finds it (7; takeover.go), its
// listening sockets in the order of conf's Sockets, the error logs in the order of conf's LogPaths. The memfd holds a generation:
// every byte the configuration was made of, and the circumstances that conf.Load depends on. It is sealed, so a worker that is started
// tomorrow serves what the others serve, whatever is on disk by then. The environment variable MOONRING_START says what a process
// of ours was started as; it is removed before anything else looks at the environment.
//
// # What is promised
//
// A worker's death is noticed by SIGCHLD and it is replaced at once; one that dies again and again is started after pauses that double
// from 0.1 to 5 s. The listening sockets are the master's too: each worker has its own (SO_REUSEPORT), whose accept queue outlives it.
// The workers outlive the master: they serve on, obey signals sent to themselves, and are taken over by the next master (takeover.go).
// With `moonring run` they stop with it. SO_REUSEPORT never lets a second instance in: the first socket of an address is bound without it.
//
// A worker is pinned to a CPU when worker_processes is at least the number of CPUs this process may use, or worker_cpu_affinity says
// so. Fewer workers are left to the scheduler: several small instances on a machine must not all meet on its first CPU.
//
// # Confinement
//
// Workers of a master run as `user`, see only the files that generation.paths lists (Landlock), and keep only the system calls of package
// confine's table (seccomp), unless worker_confine is off; of these the only process of master_process off keeps to the last. What a worker begins to need must be added there.
//
// # Goroutines
//
// The master's state belongs to one goroutine; others post functions to it (master.events). In a worker the loop is locked to its
// thread; beside it there is one goroutine that waits for commands of the master and one for signals, the former blocked in
// recvmsg: no descriptor of a worker is waited for by epoll.
//
// Read cli.go, launch.go, master.go, reload.go, worker.go, in this order.
package appliance
