package conf

import (
	"net/netip"
	"strings"
)

// AccessRule is an allow or deny directive.
type AccessRule struct {
	Deny bool
	All  bool
	Unix bool
	Net  netip.Prefix // neither All nor Unix
}

// AccessRules are those of a block, in order: the first that fits decides.
type AccessRules []AccessRule

// Find returns the first rule for an address, which is not valid for clients of Unix sockets; nil if none fits.
func (rules AccessRules) Find(a netip.Addr) *AccessRule {
	a = a.Unmap()
	for i := range rules {
		r := &rules[i]
		if r.All || r.Unix && !a.IsValid() || a.IsValid() && r.Net.Contains(a) {
			return r
		}
	}
	return nil
}

// slotAccess is shared by allow and deny: a block with one of them inherits neither.
const slotAccess = "allow and deny"

func addAccessRule(l *loader, s *scope, d *directive) error {
	if s.once(slotAccess) {
		s.loc.AccessRules = nil
	}
	rule := AccessRule{Deny: d.name() == "deny"}
	switch word := d.words[1]; word {
	case "all":
		rule.All = true
	case "unix:":
		rule.Unix = true
	default:
		var err error
		if !strings.Contains(word, "/") {
			var a netip.Addr
			if a, err = netip.ParseAddr(word); err == nil && a.Zone() == "" {
				rule.Net = netip.PrefixFrom(a, a.BitLen())
			}
		} else {
			rule.Net, err = netip.ParsePrefix(word)
		}
		if err != nil || !rule.Net.IsValid() {
			return fault(`invalid parameter "` + word + `"`)
		}
		if masked := rule.Net.Masked(); masked != rule.Net {
			l.note(Warn, d, "low address bits of "+word+" are meaningless")
			rule.Net = masked
		}
	}
	s.loc.AccessRules = append(s.loc.AccessRules, rule)
	return nil
}

func mergeAccessRules(dst, src *Location) { dst.AccessRules = src.AccessRules }

// satisfyAny reads satisfy.
func satisfyAny(d *directive) (bool, error) {
	v, err := enum[int8]("all", "any")(d)
	return v == 1, err
}
