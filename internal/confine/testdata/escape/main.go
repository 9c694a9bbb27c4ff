// Command escape confines itself, then tries from every thread what a confined process must not be able to do, and prints one line for each try
// that was not refused with EPERM or EACCES. It ends with 0 only if all were refused, and what must still work does.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"moonring/internal/confine"
)

const threads = 6

type ringParams [120]byte

func main() {
	allowed := os.Args[1]
	var begin, end sync.WaitGroup
	begin.Add(1)
	var mu sync.Mutex
	failed := false
	complain := func(format string, args ...any) {
		mu.Lock()
		fmt.Printf(format+"\n", args...)
		failed = true
		mu.Unlock()
	}
	var ready sync.WaitGroup
	tids := map[int]bool{}
	for range threads {
		ready.Add(1)
		end.Add(1)
		go func() {
			runtime.LockOSThread() // a thread of its own, made before it is confined
			mu.Lock()
			tids[unix.Gettid()] = true
			mu.Unlock()
			ready.Done()
			begin.Wait()
			attack(complain)
			end.Done()
		}()
	}
	ready.Wait()
	if err := confine.Files([]string{"/etc/hosts"}, []string{allowed}); err != nil {
		fmt.Println("confine.Files:", err)
		os.Exit(1)
	}
	if err := confine.System(); err != nil {
		fmt.Println("confine.System:", err)
		os.Exit(1)
	}
	begin.Done()
	end.Wait()
	attack(complain)
	if len(tids) != threads {
		complain("%d threads, want %d", len(tids), threads)
	}
	// What must still work, also on a thread made now.
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(done)
		attack(complain)
		if _, err := os.ReadFile("/etc/hosts"); err != nil {
			complain("%v", err)
		}
		name := allowed + "/file"
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			complain("%v", err)
		} else if err := os.Remove(name); err != nil {
			complain("%v", err)
		}
		if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != nil {
			complain("socket: %v", err)
		} else {
			unix.Close(fd)
		}
	}()
	<-done
	runtime.GC()
	if failed {
		os.Exit(1)
	}
	fmt.Println("all refused")
}

// attack tries everything once.
func attack(complain func(format string, args ...any)) {
	refused := func(what string, err error) {
		if err != unix.EPERM && err != unix.EACCES {
			complain("thread %d: %s: %v", unix.Gettid(), what, err)
		}
	}
	_, err := unix.Open("/etc/shadow", unix.O_RDONLY, 0)
	refused("open /etc/shadow", err)
	_, err = unix.Open("/root", unix.O_RDONLY, 0)
	refused("open /root", err)
	_, err = unix.Open("/etc/hosts", unix.O_WRONLY|unix.O_APPEND, 0)
	refused("write to /etc/hosts", err)
	refused("remove /etc/hosts", unix.Unlink("/etc/hosts"))
	refused("mkdir /var/moon", unix.Mkdir("/var/moon", 0o700))
	path := []byte("/bin/true\x00")
	argv := []*byte{&path[0], nil}
	_, _, e := syscall.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(&path[0])), uintptr(unsafe.Pointer(&argv[0])), 0)
	refused("execve", e)
	_, _, e = syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if e == 0 {
		complain("clone made a process")
		os.Exit(1)
	}
	refused("clone of a process", e)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		refused("listen", unix.Listen(fd, 1))
		if err := unix.Bind(fd, &unix.SockaddrInet4{Port: 0, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			complain("bind: %v", err)
		}
		refused("listen on a bound socket", unix.Listen(fd, 1))
		if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err == nil {
			refused("bind to a port", unix.Bind(fd, &unix.SockaddrInet4{Port: 48612, Addr: [4]byte{127, 0, 0, 1}}))
			unix.Close(fd)
		}
		unix.Close(fd)
	} else {
		complain("socket: %v", err)
	}
	_, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0)
	refused("netlink socket", err)
	refused("ptrace", unix.PtraceAttach(os.Getppid()))
	_, _, e = syscall.RawSyscall(unix.SYS_BPF, 0, 0, 0)
	refused("bpf", e)
	var params ringParams
	_, _, e = syscall.RawSyscall(unix.SYS_IO_URING_SETUP, 8, uintptr(unsafe.Pointer(&params)), 0)
	refused("another io_uring", e)
	refused("kill of the parent", unix.Kill(os.Getppid(), 0))
	refused("kill of everybody", unix.Kill(-1, 0))
	refused("setuid", syscallErr(syscall.RawSyscall(unix.SYS_SETUID, 0, 0, 0)))
	refused("unshare", unix.Unshare(unix.CLONE_NEWUSER))
	refused("mount", unix.Mount("none", "/mnt", "tmpfs", 0, ""))
	_, err = unix.MemfdCreate("x", 0)
	refused("memfd_create", err)
	_, _, e = syscall.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(os.Getppid()), 0, 0, 0, 0, 0)
	refused("process_vm_readv", e)
	_, _, e = syscall.RawSyscall6(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0, 0)
	refused("perf_event_open", e)
}

func syscallErr(_, _ uintptr, e syscall.Errno) error { return e }
