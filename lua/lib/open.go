package lib

import "moonring/lua"

// Open installs all libraries in the globals of vm, base and coroutine
// included. package.path is PathDefault until SetPath.
func Open(vm *lua.VM) {
	vm.OpenBase()
	openPackage(vm)
	openString(vm)
	openTable(vm)
	openMath(vm)
	openBit(vm)
	openOS(vm)
	openIO(vm)
	openJIT(vm)
	openJSON(vm)
	openStringBuffer(vm)
}
