package appliance

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// pinning says on which CPUs each worker may run; nil for all that the process may use. allowed are those, n is the number of
// workers, words are the arguments of worker_cpu_affinity.
func pinning(words []string, allowed unix.CPUSet, n int) []*unix.CPUSet {
	sets := make([]*unix.CPUSet, n)
	switch {
	case len(words) == 0 && n < allowed.Count():
		return sets
	case len(words) == 0 || words[0] == "auto":
		cpus := allowed
		if len(words) > 1 {
			cpus = intersection(parseMask(words[1]), allowed)
		}
		list := members(cpus)
		for i := range sets {
			if len(list) > 0 {
				sets[i] = &unix.CPUSet{}
				sets[i].Set(list[i%len(list)])
			}
		}
	default:
		for i := range sets {
			mask := parseMask(words[min(i, len(words)-1)])
			sets[i] = &mask
		}
	}
	return sets
}

// parseMask reads a mask whose last character is CPU 0. conf has checked its characters.
func parseMask(mask string) unix.CPUSet {
	var set unix.CPUSet
	cpu := 0
	for i := len(mask) - 1; i >= 0; i-- {
		switch mask[i] {
		case '1':
			set.Set(cpu)
			cpu++
		case '0':
			cpu++
		}
	}
	return set
}

func members(set unix.CPUSet) []int {
	var list []int
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			list = append(list, cpu)
		}
	}
	return list
}

func intersection(a, b unix.CPUSet) unix.CPUSet {
	for i := range a {
		a[i] &= b[i]
	}
	return a
}

// withAffinity calls start, which forks, on a thread with the given affinity: the child inherits it, for all threads that it will have.
// An affinity that can't be had is reported by warn, and start runs without it.
func withAffinity(set *unix.CPUSet, warn func(error), start func() (int, error)) (int, error) {
	if set == nil {
		return start()
	}
	runtime.LockOSThread()
	var before unix.CPUSet
	err := unix.SchedGetaffinity(0, &before)
	if err == nil {
		err = unix.SchedSetaffinity(0, set)
	}
	if err != nil {
		runtime.UnlockOSThread()
		warn(fmt.Errorf("sched_setaffinity() failed%s", errnoText(err)))
		return start()
	}
	pid, err := start()
	if unix.SchedSetaffinity(0, &before) == nil {
		runtime.UnlockOSThread() // else this goroutine keeps the thread, so that no other work is bound to the CPU
	}
	return pid, err
}
