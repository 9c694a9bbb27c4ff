package api

import (
	"os"

	"moonring/lua"
)

// ngx.worker and ngx.config.

var workerFuncs = []entry{
	{"id", lua.RegisterPure("id", workerID)},
	{"pid", lua.RegisterPure("pid", workerPID)},
	{"count", lua.RegisterPure("count", workerCount)},
	{"exiting", lua.RegisterPure("exiting", workerExiting)},
}

var configFuncs = []entry{
	{"prefix", lua.RegisterPure("prefix", configPrefix)},
	{"nginx_configure", lua.RegisterPure("nginx_configure", configConfigure)},
}

// The versions that libraries see.
const (
	nginxVersion  = 1027001 // 1.27.1
	ngxLuaVersion = 10029   // 0.10.29
)

func openWorker(vm *lua.VM, ngx lua.Value) {
	subtable(vm, ngx, "worker", workerFuncs)
	config := subtable(vm, ngx, "config", configFuncs)
	vm.SetField(config, "debug", lua.False)
	vm.SetField(config, "subsystem", vm.NewStringS("http"))
	vm.SetField(config, "nginx_version", lua.Int(nginxVersion))
	vm.SetField(config, "ngx_lua_version", lua.Int(ngxLuaVersion))
}

func workerID(c *lua.Call) lua.Ret      { return c.ReturnInt(worker(c).ID) }
func workerPID(c *lua.Call) lua.Ret     { return c.ReturnInt(os.Getpid()) }
func workerCount(c *lua.Call) lua.Ret   { return c.ReturnInt(worker(c).Conf.WorkerProcesses) }
func workerExiting(c *lua.Call) lua.Ret { return c.ReturnBool(worker(c).Quitting()) }

func configPrefix(c *lua.Call) lua.Ret { return c.ReturnString([]byte(worker(c).Conf.Prefix)) }

// configConfigure: there is no configure script whose arguments could be told.
func configConfigure(c *lua.Call) lua.Ret { return c.ReturnString(nil) }
