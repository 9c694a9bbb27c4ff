package api

import (
	"moonring/proxy"
)

// Open installs the tables ngx, ndk and moonring (what no other server has: the build's version), and print, in the globals of w's VM, whose host must be w.
func Open(w *proxy.Worker) {
	vm := w.VM
	ngx := vm.NewTable(0, 160)
	openPure(vm, ngx)
	setFuncs(vm, ngx, timeFuncs)
	setFuncs(vm, ngx, outputFuncs)
	setFuncs(vm, ngx, controlFuncs)
	vm.SetField(ngx, "log", vm.Builtin(logID))
	vm.SetField(vm.Globals(), "print", vm.Builtin(printID))

	meta := headersMeta(vm)
	req := subtable(vm, ngx, "req", reqFuncs)
	setFuncs(vm, req, bodyFuncs)
	setFuncs(vm, req, uriFuncs)
	setFuncs(vm, req, setterFuncs)
	vm.SetField(req, "socket", vm.Builtin(reqSocketID))
	vm.SetField(req, "get_headers", vm.Builtin(reqHeadersID, meta))
	openHeader(vm, ngx, meta)
	openVar(vm, ngx)
	openWorker(vm, ngx)
	openShared(w, ngx)
	subtable(vm, ngx, "timer", timerFuncs)
	subtable(vm, ngx, "location", locationFuncs)
	subtable(vm, ngx, "thread", threadFuncs)
	openRe(vm, ngx)
	openSocket(vm, ngx)
	setUnsupported(vm, ngx)
	openNDK(vm)
	openMagic(vm, ngx)
	openModules(vm)
	vm.SetField(vm.Globals(), "ngx", ngx)
	own := vm.NewTable(0, 1)
	vm.SetField(own, "version", vm.NewStringS(w.Version))
	vm.SetField(vm.Globals(), "moonring", own)
	if loaded := vm.Field(vm.Field(vm.Globals(), "package"), "loaded"); loaded.IsTable() {
		vm.SetField(loaded, "ngx", ngx)
		vm.SetField(loaded, "ndk", vm.Field(vm.Globals(), "ndk"))
	}
	openGuard(vm)
}
