// Package upstream chooses among the servers behind a name: nginx's smooth weighted round robin, failures that take a server out
// for a while, backups. It does no I/O and knows no clock: who calls says what time it is, and what became of a choice.
//
// A [Group] belongs to one goroutine; each worker has its own, so failures are counted by worker, as in nginx
// without a zone. Choosing allocates nothing but, once for each [Choice], a word for every 64 servers.
package upstream
