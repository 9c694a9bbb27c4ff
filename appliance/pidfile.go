package appliance

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// writePID writes the pid file.
func writePID(path string) error {
	fd, err := openPID(path)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, 0); err != nil {
		return fmt.Errorf("ftruncate() %q failed%s", path, errnoText(err))
	}
	if _, err := unix.Write(fd, []byte(strconv.Itoa(os.Getpid())+"\n")); err != nil {
		return fmt.Errorf("write() to %q failed%s", path, errnoText(err))
	}
	return nil
}

func openPID(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return -1, fmt.Errorf("open() %q failed%s", path, errnoText(err))
	}
	return fd, nil
}

// signalByName are the values of -s.
var signalByName = map[string]syscall.Signal{
	"stop":   unix.SIGTERM,
	"quit":   unix.SIGQUIT,
	"reopen": unix.SIGUSR1,
	"reload": unix.SIGHUP,
}

// signalMaster does -s: it signals the process of the pid file. The texts are nginx's.
func signalMaster(path, name string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		complain("[error] open() %q failed%s", path, errnoText(err))
		return 1
	}
	word := strings.TrimRight(string(text), " \r\n")
	pid, err := strconv.Atoi(word)
	if err != nil || pid <= 0 {
		complain("[error] invalid PID number %q in %q", word, path)
		return 1
	}
	if err := syscall.Kill(pid, signalByName[name]); err != nil {
		complain("[alert] kill(%d, %d) failed%s", pid, signalByName[name], errnoText(err))
		return 1
	}
	return 0
}
