package appliance

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// runDir does `moonring run DIR`: it serves a folder with a configuration in the foreground. Nothing is written to the folder, no rights
// are needed, and a port that is taken is no obstacle.
func runDir(args []string, version string) int {
	if len(args) != 1 || strings.HasPrefix(args[0], "-") {
		complain("run takes one folder: moonring run DIR")
		return 1
	}
	dir := args[0]
	inv, err := parseArgs([]string{"-p", dir, "-e", "stderr"})
	if err != nil {
		complain("%v", err)
		return 1
	}
	for _, name := range []string{"nginx.conf", "conf/nginx.conf"} {
		if _, err := os.Stat(filepath.Join(inv.prefix, name)); err == nil {
			inv.confPath = name
			break
		}
	}
	if inv.confPath == "" {
		complain("there is neither nginx.conf nor conf/nginx.conf in %s", dir)
		return 1
	}
	g, _, err := inv.load()
	if err != nil {
		inv.report(err)
		return 1
	}
	temp, err := os.MkdirTemp("", "moonring-")
	if err != nil {
		complain("[emerg] %v", err)
		return 1
	}
	g.Version, g.Run = version, &runMode{Dir: dir, Temp: temp}
	code := launch(g) // Comes back only if it fails.
	os.RemoveAll(temp)
	return code
}

// relocate has the configuration name the ports that were really taken: they show in $server_port and in redirects.
func (g *generation) relocate(sockets []int) {
	moved := map[netip.AddrPort]netip.AddrPort{}
	for i, s := range g.sockets() {
		port, err := boundPort(sockets[i])
		if err != nil || s.Network == "unix" {
			continue
		}
		if s.Addr.Port() != port {
			moved[s.Addr] = netip.AddrPortFrom(s.Addr.Addr(), port)
		}
		s.Addr = netip.AddrPortFrom(s.Addr.Addr(), port)
		for _, a := range s.Addresses {
			a.Addr = netip.AddrPortFrom(a.Addr.Addr(), port)
		}
	}
	// A server that proxies to another one of the same configuration finds it where it is now.
	if len(moved) == 0 || g.cfg.HTTP == nil {
		return
	}
	for _, u := range g.cfg.HTTP.AllUpstreams() {
		for i := range u.Servers {
			for j, a := range u.Servers[i].Addrs {
				if to, ok := moved[a.Addr]; ok {
					u.Servers[i].Addrs[j].Addr = to
				}
			}
		}
	}
}

// announce prints where to go.
func (e *estate) announce() {
	var urls, moved []string
	for i, s := range e.sockets() {
		if s.Network == "unix" {
			urls = append(urls, s.Key)
			continue
		}
		at := e.listeners.addrs[i]
		if at.Port() != s.Addr.Port() {
			moved = append(moved, fmt.Sprint(s.Addr.Port()))
		}
		host := at.Addr().String()
		switch {
		case at.Addr().IsUnspecified() && at.Addr().Is4():
			host = "127.0.0.1"
		case at.Addr().IsUnspecified():
			host = "[::1]"
		case at.Addr().Is6():
			host = "[" + host + "]"
		}
		url := "http://" + host
		if at.Port() != 80 {
			url += fmt.Sprintf(":%d", at.Port())
		}
		urls = append(urls, url+"/")
	}
	where := strings.Join(urls, " and ")
	if where == "" {
		where = "no address: the configuration has no server"
	}
	why := ""
	if len(moved) > 0 {
		why = fmt.Sprintf(" (port %s is not to be had)", strings.Join(moved, ", "))
	}
	line := fmt.Sprintf("moonring: serving %s at %s%s, workers: %d, Ctrl-C stops it\n", e.Run.Dir, where, why, e.workers())
	unix.Write(1, []byte(line))
}
