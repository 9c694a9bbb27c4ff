package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// redisConf is the configuration of a scenario's redis-server.
const redisConf = "redis.conf"

// startRedis starts the scenario's redis-server on CPU 1, with the key greeting; nil if it has none. The caller stops what isn't nil.
func (s scenario) startRedis(prefix string, port int) (*instance, error) {
	conf := filepath.Join(prefix, redisConf)
	if _, err := os.Stat(conf); err != nil {
		return nil, nil
	}
	i := &instance{server: server{name: "redis"}, addr: fmt.Sprintf("127.0.0.1:%d", port), exited: make(chan struct{})}
	i.cmd = exec.Command("taskset", "-c", "1", "redis-server", conf)
	i.cmd.Stdout, i.cmd.Stderr, i.cmd.Dir = &i.output, &i.output, prefix
	if err := i.begin(); err != nil {
		return nil, err
	}
	if err := setGreeting(i.addr); err != nil {
		i.stop()
		return nil, fmt.Errorf("redis-server: %w\n%s", err, &i.output)
	}
	return i, nil
}

// setGreeting waits for a redis-server and gives it its key.
func setGreeting(addr string) error {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			defer c.Close()
			c.SetDeadline(time.Now().Add(5 * time.Second))
			if _, err := c.Write([]byte("SET greeting hello\r\n")); err != nil {
				return err
			}
			answer, err := bufio.NewReader(c).ReadString('\n')
			if err == nil && answer != "+OK\r\n" {
				err = fmt.Errorf("SET: %q", answer)
			}
			return err
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// begin starts the program in a group of its own.
func (i *instance) begin() error {
	i.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := i.cmd.Start(); err != nil {
		return err
	}
	running.Lock()
	if running.all == nil {
		running.all = map[*instance]bool{}
	}
	running.all[i] = true
	running.Unlock()
	go func() {
		i.cmd.Wait() // How it ended shows in its output.
		close(i.exited)
	}()
	return nil
}
