package appliance

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"moonring/internal/confine"
	"moonring/proxy/conf"
)

// systemRead is what a worker may read of the system: what resolvers, time zones, certificate stores and packaged modules need.
var systemRead = []string{
	"/usr/share", "/usr/lib", "/usr/lib64", "/usr/local/share", "/usr/local/lib", "/usr/local/openresty", "/lib", "/lib64",
	"/etc/hosts", "/etc/host.conf", "/etc/hostname", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
	"/etc/passwd", "/etc/group", "/etc/localtime", "/etc/timezone", "/etc/os-release", "/etc/mime.types", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
	"/run/systemd/resolve", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/proc/version", "/proc/sys/net",
	"/proc/sys/kernel", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage", "/dev/zero", "/dev/urandom", "/dev/random",
}

// systemWrite is what it may also write to, as far as file modes let it.
var systemWrite = []string{"/tmp", "/var/tmp", "/dev/null", "/dev/shm"}

// paths lists what a worker may read, and what it may write too: beside those of the system the prefix, the folders that the configuration serves
// from and loads Lua from, the files that it was made of, and what worker_write_path adds.
func (g *generation) paths() (read, write []string) {
	read, write = slices.Clone(systemRead), append(slices.Clone(systemWrite), g.cfg.Prefix)
	write = append(append(write, g.cfg.WritePaths...), g.cfg.TempPaths...)
	for path := range g.Bundle.Files {
		if strings.HasSuffix(path, ".lua") { // a file that an editor replaces is another file
			path = filepath.Dir(path)
		}
		read = append(read, path)
	}
	h := g.cfg.HTTP
	if h == nil {
		return read, write
	}
	for _, p := range strings.Split(h.LuaPackagePath, ";") {
		p = strings.NewReplacer("$prefix", g.cfg.Prefix, "${prefix}", g.cfg.Prefix).Replace(p)
		before, _, found := strings.Cut(p, "?")
		if found && before != "" {
			read = append(read, folderOf(before))
		}
	}
	return append(read, g.cfg.ReadPaths...), write
}

// folderOf is path up to its last slash.
func folderOf(path string) string { return path[:strings.LastIndexByte(path, '/')+1] }

// confineFiles takes the file system from the worker, but for paths. A kernel without Landlock is told of once, by the first worker.
func (g *generation) confineFiles(id int, log *logger) error {
	if !g.cfg.WorkerConfine {
		return nil
	}
	err := confine.Files(g.paths())
	if errors.Is(err, confine.ErrNotSupported) {
		if id == 0 {
			log.log(conf.Note, "Landlock is not to be had (kernel without it, or a build with cgo): workers see every file that their user may see")
		}
		return nil
	}
	return err
}

// confineSystem takes the system calls that a server never needs.
func (g *generation) confineSystem() error {
	if !g.cfg.WorkerConfine {
		return nil
	}
	return confine.System()
}
