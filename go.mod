module moonring

go 1.26.0

require (
	github.com/iceber/iouring-go v0.0.0-20230403020409-002cfd2e2a90
	github.com/yuin/gopher-lua v1.1.2
	golang.org/x/sys v0.49.0
)
