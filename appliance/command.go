package appliance

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// command is the first byte of a message on the socket pair of master and worker. This list is all there is.
type command byte

const (
	// To the worker.
	cmdServe  command = 'G' // after cmdReady: begin to accept
	cmdDrain  command = 'D' // others serve now: finish requests without haste, then exit
	cmdQuit   command = 'Q' // finish requests, then exit
	cmdStop   command = 'S' // exit now
	cmdReopen command = 'R' // log files are attached; the next byte is the index of the first in conf's LogPaths / descriptorsMax

	// To the master.
	cmdReady  command = 'r' // the worker could serve
	cmdFailed command = 'e' // the worker can't start: the rest is why

	// To a new master, which takes the worker over.
	cmdZone    command = 'z' // a shared dict is attached; the rest is its name and file
	cmdSockets command = 'k' // listening sockets are attached
	cmdOrphan  command = 'o' // those were all
)

const (
	messageMax     = 16 << 10 // bytes; longer texts are cut
	descriptorsMax = 128      // in one message; the kernel's SCM_MAX_FD is 253
)

// send sends a message without ever waiting: the other side may be stuck.
func send(fd int, c command, rest []byte, fds ...int) error {
	msg := append([]byte{byte(c)}, rest[:min(len(rest), messageMax-1)]...)
	var oob []byte
	if len(fds) > 0 {
		oob = unix.UnixRights(fds...)
	}
	return unix.Sendmsg(fd, msg, oob, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
}

// errGone says that the other side has closed the socket pair, as its process ended.
var errGone = errors.New("the other side is gone")

// receive waits for a message. Descriptors that came with it belong to the caller.
func receive(fd int) (c command, rest []byte, fds []int, err error) {
	c, rest, fds, _, err = receiveFrom(fd)
	return c, rest, fds, err
}

// receiveFrom is receive that also tells the process that has sent the message, as the kernel says: 0 unless fd has SO_PASSCRED.
func receiveFrom(fd int) (c command, rest []byte, fds []int, pid int, err error) {
	buf := make([]byte, messageMax)
	oob := make([]byte, unix.CmsgSpace(descriptorsMax*4)+unix.CmsgSpace(unix.SizeofUcred))
	var n, oobn int
	for {
		n, oobn, _, _, err = unix.Recvmsg(fd, buf, oob, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	switch {
	case err == unix.ECONNRESET, err == nil && n == 0:
		return 0, nil, nil, 0, errGone
	case err != nil:
		return 0, nil, nil, 0, err
	}
	if oobn > 0 {
		msgs, err := unix.ParseSocketControlMessage(oob[:oobn])
		if err != nil {
			return 0, nil, nil, 0, fmt.Errorf("control message: %w", err)
		}
		for i := range msgs {
			if got, err := unix.ParseUnixRights(&msgs[i]); err == nil {
				fds = append(fds, got...)
			} else if cred, err := unix.ParseUnixCredentials(&msgs[i]); err == nil {
				pid = int(cred.Pid)
			}
		}
	}
	return command(buf[0]), buf[1:n], fds, pid, nil
}

// sendLogs hands reopened logs to a worker.
func sendLogs(fd int, f *logFiles) error {
	for first := 0; first < len(f.fds); first += descriptorsMax {
		last := min(first+descriptorsMax, len(f.fds))
		if err := send(fd, cmdReopen, []byte{byte(first / descriptorsMax)}, f.fds[first:last]...); err != nil {
			return err
		}
	}
	return nil
}
