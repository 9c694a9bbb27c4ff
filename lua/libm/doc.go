// Package libm has the functions of C's math library for which Go's own math
// package is too far off to print the same digits: powers, exponentials,
// logarithms, angles and hyperbolic functions. Go's Pow is wrong in the 13th digit of 1.0001^10000,
// for one.
//
// Here intermediate results are sums of two floats (about 100 bits), so that
// nearly every result is the correctly rounded one: the error is below 0.51
// units in the last place (0.54 for Tan; Log10 and the hyperbolic functions are
// apart), as in glibc. Special
// cases are those of C99.
//
// It is a leaf without state; any goroutine may call it. Start with exp.go,
// log.go, then pow.go and trig.go; tables.go was computed with 80 decimal
// digits, and a test checks it.
package libm
