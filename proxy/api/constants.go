package api

import (
	"moonring/lua"
	"moonring/proxy/h1"
)

// The constants of the ngx table.

// What ngx.exit and nginx's handlers return.
const (
	codeOK       = 0
	codeError    = -1
	codeAgain    = -2
	codeDone     = -4
	codeDeclined = -5
)

var coreConstants = []struct {
	name  string
	value int
}{
	{"OK", codeOK}, {"ERROR", codeError}, {"AGAIN", codeAgain}, {"DONE", codeDone}, {"DECLINED", codeDeclined},

	{"STDERR", 0}, {"EMERG", 1}, {"ALERT", 2}, {"CRIT", 3}, {"ERR", 4}, {"WARN", 5}, {"NOTICE", 6}, {"INFO", 7}, {"DEBUG", 8},

	{"HTTP_CONTINUE", 100},
	{"HTTP_SWITCHING_PROTOCOLS", 101},
	{"HTTP_OK", 200},
	{"HTTP_CREATED", 201},
	{"HTTP_ACCEPTED", 202},
	{"HTTP_NO_CONTENT", 204},
	{"HTTP_PARTIAL_CONTENT", 206},
	{"HTTP_SPECIAL_RESPONSE", 300},
	{"HTTP_MOVED_PERMANENTLY", 301},
	{"HTTP_MOVED_TEMPORARILY", 302},
	{"HTTP_SEE_OTHER", 303},
	{"HTTP_NOT_MODIFIED", 304},
	{"HTTP_TEMPORARY_REDIRECT", 307},
	{"HTTP_PERMANENT_REDIRECT", 308},
	{"HTTP_BAD_REQUEST", 400},
	{"HTTP_UNAUTHORIZED", 401},
	{"HTTP_PAYMENT_REQUIRED", 402},
	{"HTTP_FORBIDDEN", 403},
	{"HTTP_NOT_FOUND", 404},
	{"HTTP_NOT_ALLOWED", 405},
	{"HTTP_NOT_ACCEPTABLE", 406},
	{"HTTP_REQUEST_TIMEOUT", 408},
	{"HTTP_CONFLICT", 409},
	{"HTTP_GONE", 410},
	{"HTTP_UPGRADE_REQUIRED", 426},
	{"HTTP_TOO_MANY_REQUESTS", 429},
	{"HTTP_CLOSE", 444},
	{"HTTP_ILLEGAL", 451},
	{"HTTP_INTERNAL_SERVER_ERROR", 500},
	{"HTTP_NOT_IMPLEMENTED", 501},
	{"HTTP_METHOD_NOT_IMPLEMENTED", 501},
	{"HTTP_BAD_GATEWAY", 502},
	{"HTTP_SERVICE_UNAVAILABLE", 503},
	{"HTTP_GATEWAY_TIMEOUT", 504},
	{"HTTP_VERSION_NOT_SUPPORTED", 505},
	{"HTTP_INSUFFICIENT_STORAGE", 507},
}

// methodConstants are the methods that have an ngx.HTTP_ constant: nginx's bits.
var methodConstants = []h1.Method{
	h1.MethodGET, h1.MethodHEAD, h1.MethodPOST, h1.MethodPUT, h1.MethodDELETE, h1.MethodMKCOL, h1.MethodCOPY, h1.MethodMOVE,
	h1.MethodOPTIONS, h1.MethodPROPFIND, h1.MethodPROPPATCH, h1.MethodLOCK, h1.MethodUNLOCK, h1.MethodPATCH, h1.MethodTRACE,
}

func setConstants(vm *lua.VM, ngx lua.Value) {
	for _, k := range coreConstants {
		vm.SetField(ngx, k.name, lua.Int(k.value))
	}
	for _, m := range methodConstants {
		vm.SetField(ngx, "HTTP_"+m.String(), lua.Int(int(m.Bit())))
	}
	vm.SetField(ngx, "null", lua.Null)
}
