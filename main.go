// Command moonring is the server and its tools; `moonring help` lists them, package appliance has them.
package main

import (
	"os"

	"moonring/appliance"
)

// version is set when linking: -ldflags '-X main.version=...'.
var version string

func main() { os.Exit(appliance.Main(os.Args[1:], version)) }
