package api

import (
	"time"

	"moonring/lua"
	"moonring/proxy/h1"
)

// Time: ngx.now and its family read the clock that the ring caches once an iteration; allowed in every phase.

var timeFuncs = []entry{
	{"now", lua.RegisterPure("now", timeNow)},
	{"time", lua.RegisterPure("time", timeTime)},
	{"update_time", lua.Register("update_time", timeUpdate)},
	{"today", lua.RegisterPure("today", timeToday)},
	{"localtime", lua.RegisterPure("localtime", timeLocal)},
	{"utctime", lua.RegisterPure("utctime", timeUTC)},
	{"cookie_time", lua.RegisterPure("cookie_time", timeCookie)},
	{"http_time", lua.RegisterPure("http_time", timeHTTP)},
	{"parse_http_time", lua.RegisterPure("parse_http_time", timeParseHTTP)},
}

func wall(c *lua.Call) int64 { return worker(c).Ring.WallUnixNano() }

// seconds is nanoseconds as nginx's Lua functions show time: seconds with whole milliseconds.
func seconds(ns int64) float64 {
	ms := ns / 1e6
	return float64(ms/1e3) + float64(ms%1e3)/1000
}

func timeNow(c *lua.Call) lua.Ret  { return c.ReturnNumber(seconds(wall(c))) }
func timeTime(c *lua.Call) lua.Ret { return c.ReturnNumber(float64(wall(c) / 1e9)) }

func timeUpdate(c *lua.Call) lua.Ret {
	worker(c).Ring.UpdateTime()
	return c.Return()
}

func timeToday(c *lua.Call) lua.Ret {
	var buf [32]byte
	return c.ReturnString(appendDay(buf[:0], time.Unix(0, wall(c))))
}

func timeLocal(c *lua.Call) lua.Ret {
	var buf [32]byte
	return c.ReturnString(appendDayAndTime(buf[:0], time.Unix(0, wall(c))))
}

func timeUTC(c *lua.Call) lua.Ret {
	var buf [32]byte
	return c.ReturnString(appendDayAndTime(buf[:0], time.Unix(0, wall(c)).UTC()))
}

// appendDay writes 2010-11-19.
func appendDay(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	b = appendDigits(b, year, 4)
	b = appendDigits(append(b, '-'), int(month), 2)
	return appendDigits(append(b, '-'), day, 2)
}

// appendDayAndTime writes 2010-11-19 20:56:31.
func appendDayAndTime(b []byte, t time.Time) []byte {
	hour, minute, second := t.Clock()
	b = appendDigits(append(appendDay(b, t), ' '), hour, 2)
	b = appendDigits(append(b, ':'), minute, 2)
	return appendDigits(append(b, ':'), second, 2)
}

// appendDigits writes v, not negative, with at least n digits.
func appendDigits(b []byte, v, n int) []byte {
	var digits [20]byte
	i := len(digits)
	for ; v > 0 || n > 0; n-- {
		i--
		digits[i] = byte('0' + v%10)
		v /= 10
	}
	return append(b, digits[i:]...)
}

// timeMax is the last second of the year 9999, the last one that ngx_gmtime knows.
const timeMax = 253402300799

// unixArg is argument 1 as a time_t; times before 1970 count as 1970, as in ngx_gmtime.
func unixArg(c *lua.Call) (int64, bool) {
	v := c.Arg(1)
	if !v.IsNumber() {
		c.Errorf("number argument only")
		return 0, false
	}
	f := v.Float()
	if !(f > 0) {
		return 0, true
	}
	return int64(min(f, timeMax)), true
}

// timeHTTP gives "Mon, 28 Sep 1970 06:00:00 GMT".
func timeHTTP(c *lua.Call) lua.Ret {
	sec, ok := unixArg(c)
	if !ok {
		return lua.Fail
	}
	var buf [40]byte
	return c.ReturnString(h1.AppendDate(buf[:0], sec))
}

// timeCookie gives "Mon, 28-Sep-18 06:00:00 GMT", and with four digits for years that Netscape's form takes for the
// 20th century (after 2037).
func timeCookie(c *lua.Call) lua.Ret {
	sec, ok := unixArg(c)
	if !ok {
		return lua.Fail
	}
	var buf [40]byte
	d := h1.AppendDate(buf[:0], sec) // Mon, 28 Sep 2018 06:00:00 GMT
	d[7], d[11] = '-', '-'
	if year := time.Unix(sec, 0).UTC().Year(); year <= 2037 {
		d = append(d[:12], d[14:]...)
	}
	return c.ReturnString(d)
}

func timeParseHTTP(c *lua.Call) lua.Ret {
	if !c.Arg(1).IsString() {
		return c.Errorf("string argument only")
	}
	sec := h1.ParseDate(c.VM().Bytes(c.Arg(1)))
	if sec == h1.NoTime {
		return c.Return1(lua.Nil)
	}
	return c.ReturnNumber(float64(sec))
}
