package appliance

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"moonring/proxy/conf"
	"moonring/shm"
)

// Shared dicts outlive all but the server: a generation takes over those of the one before that have the same name and size, a new binary those of
// the old one, a new master those of the workers that it finds. The master holds a descriptor and a view of each, to release the locks of
// a worker that it has reaped.

// zonesVariable tells a new binary which descriptors are zones: "8 name path;9 ...", name and path in hexadecimal.
const zonesVariable = "MOONRING_ZONES"

// zone is one shared dict. It belongs to who holds it: generations that follow one another hold the same.
type zone struct {
	name, persist string
	size          int64 // of the mapping
	file          *os.File
	view          *shm.Zone
	holders       int
}

// zoneFile is a zone that came from another process.
type zoneFile struct {
	name, persist string
	file          *os.File
}

// adoptZone makes a zone of a file.
func adoptZone(z zoneFile) (*zone, error) {
	view, err := shm.Attach(z.file, uint32(os.Getpid()))
	if err != nil {
		z.file.Close()
		return nil, fmt.Errorf("shared dict %q: %w", z.name, err)
	}
	return &zone{name: z.name, persist: z.persist, size: int64(view.Size()), file: z.file, view: view, holders: 1}, nil
}

// dropZones is for a holder that goes. alone tells that with the last one no process has the zone any more.
func dropZones(zones []*zone, alone bool, log *logger) {
	for _, z := range zones {
		if z.holders--; z.holders > 0 {
			continue
		}
		if alone {
			if err := z.view.MarkClean(); err != nil {
				log.log(conf.Alert, "shared dict %q: %v", z.name, err)
			}
		}
		z.view.Close()
		z.file.Close()
	}
}

// holdZones is for another holder.
func holdZones(zones []*zone) []*zone {
	for _, z := range zones {
		z.holders++
	}
	return append([]*zone(nil), zones...)
}

// openZones gives a generation its shared dicts: of those that there are the ones with the same name, size and file, unless they are damaged, and
// new ones. What it takes of there it holds as well.
func (g *generation) openZones(there []*zone, log *logger) (zones []*zone, err error) {
	for _, d := range g.sharedDicts() {
		z := findZone(there, d)
		if z != nil && z.view.Damaged() {
			log.log(conf.Alert, "shared dict %q is damaged, it begins anew", d.Name)
			if z = nil; d.Persist != "" {
				err = fmt.Errorf("shared dict %q is damaged: the server must be started again", d.Name)
			}
		}
		switch {
		case err != nil:
		case z != nil:
			z.holders++
		default:
			z, err = makeZone(d, log)
		}
		if err != nil {
			dropZones(zones, true, log)
			return nil, err
		}
		zones = append(zones, z)
	}
	return zones, nil
}

func findZone(zones []*zone, d conf.SharedDict) *zone {
	for _, z := range zones {
		if z.name == d.Name && z.persist == d.Persist && z.size == zoneSize(d) {
			return z
		}
	}
	return nil
}

// zoneSize is what shm makes of a size.
func zoneSize(d conf.SharedDict) int64 { return (d.Size + 4095) &^ 4095 }

func makeZone(d conf.SharedDict, log *logger) (*zone, error) {
	var f *os.File
	var err error
	if d.Persist == "" {
		f, err = shm.Create("moonring dict "+d.Name, int(d.Size))
	} else {
		f, err = shm.Open(d.Persist, int(d.Size), func(s string) { log.log(conf.Warn, "%s", s) })
	}
	if err != nil {
		return nil, fmt.Errorf("shared dict %q: %w", d.Name, err)
	}
	return adoptZone(zoneFile{d.Name, d.Persist, f})
}

// sharedDicts are what zones to have.
func (g *generation) sharedDicts() []conf.SharedDict {
	if g.cfg.HTTP == nil {
		return nil
	}
	return g.cfg.HTTP.SharedDicts
}

// recoverZones releases what a process that has ended holds of any formation's zones.
func (m *master) recoverZones(pid int) {
	for _, f := range m.formations() {
		recoverZones(f.zones, func(owner uint32) bool { return owner == uint32(pid) }, m.log)
	}
}

func recoverZones(zones []*zone, dead func(owner uint32) bool, log *logger) {
	for _, z := range zones {
		if err := z.view.Recover(dead); err != nil {
			log.log(conf.Alert, "shared dict %q: %v", z.name, err)
		}
	}
}

// closeZones ends an estate's use of its zones.
func (e *estate) closeZones() {
	dropZones(e.zones, e.alone(), e.log)
	e.zones = nil
}

// leaveAtOnce is leave while the loop may still run: shared dicts stay as they are.
func (e *estate) leaveAtOnce() {
	e.zones = nil
	e.leave()
}

// zoneViews are the views of the only process.
func (e *estate) zoneViews() (views []*shm.Zone) {
	for _, z := range e.zones {
		views = append(views, z.view)
	}
	return views
}

// zoneFDs are the descriptors that a worker or the init process is given.
func zoneFDs(zones []*zone) (fds []uintptr) {
	for _, z := range zones {
		fds = append(fds, z.file.Fd())
	}
	return fds
}

// attachZones maps what a process was given, from descriptor first on.
func (g *generation) attachZones(first int) ([]*shm.Zone, error) {
	var views []*shm.Zone
	for i, d := range g.sharedDicts() {
		unix.CloseOnExec(first + i)
		f := os.NewFile(uintptr(first+i), d.Name)
		g.zoneFiles = append(g.zoneFiles, zoneFile{d.Name, d.Persist, f}) // for a master that takes this process over
		view, err := shm.Attach(f, uint32(os.Getpid()))
		if err != nil {
			return nil, fmt.Errorf("shared dict %q: %w", d.Name, err)
		}
		views = append(views, view)
	}
	return views, nil
}

// describeZone is a zone's name and file in text that has neither spaces nor semicolons.
func describeZone(name, persist string) string {
	return hex.EncodeToString([]byte(name)) + " " + hex.EncodeToString([]byte(persist))
}

func parseZone(s string) (z zoneFile, ok bool) {
	name, persist, ok := strings.Cut(s, " ")
	n, err := hex.DecodeString(name)
	if err != nil {
		return z, false
	}
	p, err := hex.DecodeString(persist)
	z.name, z.persist = string(n), string(p)
	return z, ok && err == nil
}

// inheritedZones takes the zones that the binary before this one has passed.
func inheritedZones(log *logger) (zones []*zone) {
	text := os.Getenv(zonesVariable)
	os.Unsetenv(zonesVariable)
	for item := range strings.SplitSeq(text, ";") {
		var fd int
		word, rest, _ := strings.Cut(item, " ")
		if _, err := fmt.Sscan(word, &fd); err != nil || fd < 3 {
			continue
		}
		f, ok := parseZone(rest)
		if !ok {
			continue
		}
		unix.CloseOnExec(fd)
		f.file = os.NewFile(uintptr(fd), f.name)
		z, err := adoptZone(f)
		if err != nil {
			log.log(conf.Alert, "%v", err)
			continue
		}
		zones = append(zones, z)
	}
	return zones
}

// orphanedZones takes the zones that workers without a master have handed over, and releases the locks of all but them.
func orphanedZones(orphans []orphan, log *logger) (zones []*zone) {
	alive := map[uint32]bool{}
	for _, o := range orphans {
		alive[uint32(o.pid)] = true
	}
	for _, o := range orphans {
		for _, f := range o.zones {
			var st syscall.Stat_t
			if syscall.Fstat(int(f.file.Fd()), &st) != nil || findZone(zones, conf.SharedDict{Name: f.name, Persist: f.persist, Size: st.Size}) != nil {
				f.file.Close() // the same one, from another worker
				continue
			}
			z, err := adoptZone(f)
			if err != nil {
				log.log(conf.Alert, "%v", err)
				continue
			}
			zones = append(zones, z)
		}
	}
	recoverZones(zones, func(owner uint32) bool { return !alive[owner] }, log)
	return zones
}
