package difftest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// A Chunk is a random program. Its globals are those of Prelude, which also runs it, in the way How says: see Prelude's run.
type Chunk struct {
	Source string
	How    string
}

// Traits of a program's run that both sides are told.
const (
	HowCalled     = "call"     // by pcall
	HowCoroutine  = "thread"   // in a coroutine, which is resumed with numbers while it yields
	HowLoadedOnly = "load"     // not at all: it is only compiled
	HowCounted    = "finished" // by pcall, which only shows whether there is an error
)

// server is the Lua program of a Server. Each chunk has a state of its own, the JIT compiler off as in LuaJIT.Run; states share the C
// library's standard output, so that all is written in order.
const server = `
local ffi = require("ffi")
jit.off()
ffi.cdef[[
void *luaL_newstate(void);
void luaL_openlibs(void *L);
void lua_close(void *L);
int luaJIT_setmode(void *L, int idx, int mode);
int luaL_loadbuffer(void *L, const char *s, size_t n, const char *name);
int lua_pcall(void *L, int nargs, int nresults, int handler);
void lua_getfield(void *L, int idx, const char *k);
void lua_pushnil(void *L);
void lua_pushlstring(void *L, const char *s, size_t n);
void lua_insert(void *L, int idx);
const char *lua_tolstring(void *L, int idx, size_t *n);
]]
local C = ffi.C
local GLOBALS = -10002
local function fail(L)
  local n = ffi.new("size_t[1]")
  local s = C.lua_tolstring(L, -1, n)
  io.write("prelude: ", s ~= nil and ffi.string(s, n[0]) or "?", "\n")
end
local function run(prelude, source, how)
  local L = C.luaL_newstate()
  C.luaJIT_setmode(L, 0, 0)
  C.luaL_openlibs(L)
  if C.luaL_loadbuffer(L, prelude, #prelude, "=prelude") ~= 0 or C.lua_pcall(L, 0, 0, 0) ~= 0 then return fail(L) end
  C.lua_getfield(L, GLOBALS, "run")
  if C.luaL_loadbuffer(L, source, #source, "=p") == 0 then
    C.lua_pushnil(L)
  else
    C.lua_pushnil(L)
    C.lua_insert(L, -2)
  end
  C.lua_pushlstring(L, how, #how)
  if C.lua_pcall(L, 3, 0, 0) ~= 0 then fail(L) end
  C.lua_close(L)
end
local n = io.read("*n", 1)
local prelude = io.read(n)
for line in io.lines() do
  local n, how, mark = line:match("^(%d+) (%a+) (%w+)$")
  run(prelude, n == "0" and "" or io.read(tonumber(n)), how)
  io.write(mark, "\n")
  io.flush()
end
`

// A Server is a LuaJIT that runs one program after another, without a process for each.
type Server struct {
	luajit *LuaJIT
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	serial int
}

// ErrReference says that LuaJIT crashed, or took longer than anything should.
var ErrReference = errors.New("LuaJIT crashed or took too long")

// Server starts a Server.
func (l *LuaJIT) Server() (*Server, error) {
	s := &Server{luajit: l}
	return s, s.start()
}

func (s *Server) start() error {
	// What a program asks for must not fill the machine.
	cmd := exec.Command("sh", "-c", `ulimit -v 4000000; exec "$0" "$@"`, s.luajit.path, "-e", server)
	cmd.Env = s.luajit.env
	s.stderr.Reset()
	cmd.Stderr = &s.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	s.cmd, s.in, s.out = cmd, in, bufio.NewReaderSize(out, 1<<16)
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(in, "%d\n%s", len(Prelude), Prelude)
	return err
}

// Close ends the process.
func (s *Server) Close() error {
	s.in.Close()
	_ = s.cmd.Process.Kill()
	return s.cmd.Wait()
}

// Run gives what a program prints, with ErrReference if it ended the process, which is started anew then.
func (s *Server) Run(ctx context.Context, p Chunk) ([]byte, error) {
	s.serial++
	mark := fmt.Sprintf("done%dnow", s.serial)
	ctx, cancel := context.WithTimeout(ctx, referenceTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = s.cmd.Process.Kill() })
	defer stop()
	_, err := fmt.Fprintf(s.in, "%d %s %s\n%s", len(p.Source), p.How, mark, p.Source)
	var out []byte
	for err == nil {
		var line []byte
		line, err = s.out.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			err = nil
		}
		if err == nil && bytes.Equal(bytes.TrimSuffix(line, []byte("\n")), []byte(mark)) {
			return out, nil
		}
		if out = append(out, line...); len(out) > outputMax {
			err = errTooMuchOutput
		}
	}
	stop()
	wait := s.Close()
	err = fmt.Errorf("%w: %w, %v %s", ErrReference, err, wait, s.stderr.Bytes())
	time.Sleep(10 * time.Millisecond)
	if start := s.start(); start != nil {
		return out, start
	}
	return out, err
}
