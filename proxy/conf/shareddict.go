package conf

import (
	"fmt"
	"strings"
)

// SharedDict is one lua_shared_dict.
type SharedDict struct {
	Name    string
	Size    int64  // bytes, as written
	Persist string // absolute path of the file that keeps it (persist=), empty: memory alone
}

// sharedDictMin is the smallest size that nginx takes.
const sharedDictMin = 8192

// addSharedDict handles lua_shared_dict.
func addSharedDict(l *loader, _ *scope, d *directive) error {
	dict := SharedDict{Name: d.words[1]}
	if dict.Name == "" {
		return fault(`invalid lua shared dict name ""`)
	}
	var ok bool
	if dict.Size, ok = parseSize(d.words[2], false); !ok || dict.Size < sharedDictMin {
		return fault(`invalid lua shared dict size "` + d.words[2] + `"`)
	}
	if len(d.words) > 3 {
		path, ok := strings.CutPrefix(d.words[3], "persist=")
		if !ok || path == "" {
			return fault(`invalid parameter "` + d.words[3] + `"`)
		}
		dict.Persist = fullName(l.cfg.Prefix, path)
	}
	for _, other := range l.cfg.HTTP.SharedDicts {
		switch {
		case other.Name == dict.Name && other.Size != dict.Size:
			return fault(fmt.Sprintf("the size %d of shared memory zone \"%s\" conflicts with already declared size %d", dict.Size, dict.Name, other.Size))
		case other.Name == dict.Name:
			return fault(`lua_shared_dict "` + dict.Name + `" is already defined as "` + dict.Name + `"`)
		case other.Persist == dict.Persist && dict.Persist != "":
			return fault(`"` + dict.Persist + `" already keeps lua_shared_dict "` + other.Name + `"`)
		}
	}
	l.cfg.HTTP.SharedDicts = append(l.cfg.HTTP.SharedDicts, dict)
	return nil
}
