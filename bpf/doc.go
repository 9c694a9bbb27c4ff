// Package bpf is the place of the XDP program that enforces connection rates per
// source before a socket exists, and of its loader. Nothing is built here yet,
// and no directive or tunable speaks of it. It will import none of ring, lua and
// shm.
package bpf
