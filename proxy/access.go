package proxy

import "moonring/proxy/conf"

// checkAccess is the access module's part of the access phase: codeForbidden if it has answered, codeOK if nothing else of the
// phase is asked, codeDeclined if the phase goes on.
func (r *Request) checkAccess() int {
	rule := r.Loc.AccessRules.Find(r.cn.remoteAddr().Addr())
	switch {
	case rule == nil:
	case rule.Deny && r.Loc.SatisfyAny:
		r.refuseFor(codeForbidden)
	case rule.Deny:
		r.Log(conf.Err, "access forbidden by rule")
		r.finalize(codeForbidden)
		return codeForbidden
	case r.Loc.SatisfyAny:
		r.accessCode = 0
		return codeOK
	}
	return codeDeclined
}

// refuseFor notes a refusal under satisfy any: who asked for a password is heard before who forbids.
func (r *Request) refuseFor(code int) {
	if r.accessCode != 401 {
		r.accessCode = code
	}
}
