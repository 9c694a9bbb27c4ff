package proxy

import "bytes"

// oldMSIE tells if a User-Agent is one of MSIE up to 6.0, before the second service pack of Windows XP.
func oldMSIE(agent []byte) bool {
	_, version, ok := bytes.Cut(agent, msieToken)
	if !ok || bytes.Contains(agent, operaToken) || len(version) < 3 || version[1] != '.' {
		return false
	}
	switch version[0] {
	case '4', '5':
		return true
	case '6':
		return !bytes.Contains(version, sv1Token)
	}
	return false
}

// isSafari tells if a User-Agent is one of Safari on macOS.
func isSafari(agent []byte) bool {
	return bytes.Contains(agent, safariToken) && bytes.Contains(agent, macToken) && !bytes.Contains(agent, chromeToken)
}

var (
	msieToken   = []byte("MSIE ")
	operaToken  = []byte("Opera")
	sv1Token    = []byte("SV1")
	safariToken = []byte("Safari/")
	macToken    = []byte("Mac OS X")
	chromeToken = []byte("Chrome/")
)
