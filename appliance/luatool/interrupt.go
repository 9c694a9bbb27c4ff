package luatool

import (
	"os"
	"os/signal"
	"syscall"

	"moonring/lua"
)

// interrupts turns SIGINT into errors of the script that runs. A script that hasn't seen one when the next comes, as it waits
// for something, is ended by it.
type interrupts struct {
	signals chan os.Signal
	done    chan struct{}
}

func watchInterrupts(vm *lua.VM) *interrupts {
	w := &interrupts{signals: make(chan os.Signal, 1), done: make(chan struct{})}
	if !signal.Ignored(os.Interrupt) {
		signal.Notify(w.signals, os.Interrupt)
	}
	go func() {
		defer close(w.done)
		for range w.signals {
			if vm.Interrupt() {
				signal.Reset(os.Interrupt)
				_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
			}
		}
	}()
	return w
}

func (w *interrupts) stop() {
	signal.Stop(w.signals)
	close(w.signals)
	<-w.done
}
