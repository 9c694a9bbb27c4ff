// Package archtest holds the tests of the repository as a whole: which package may import which, that nothing uses cgo, and that the
// documents name paths and make targets that exist. It contains no code for others. Read rules.go first.
package archtest
