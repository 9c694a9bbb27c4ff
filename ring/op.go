package ring

// user_data of every SQE:
//
//	63            32 31           8 7     0
//	┌───────────────┬──────────────┬───────┐
//	│  generation   │     slot     │  op   │
//	└───────────────┴──────────────┴───────┘
//
// op says which table the slot indexes: connections, listeners, file reads or polls.
// The generation is the slot's at submission; a completion with another one is
// stale: it is counted, its buffer given back, and otherwise ignored.
type op uint8

const (
	opNone     op = iota
	opWake               // READ of the eventfd
	opAccept             // listener
	opRecv               // connection, from here ...
	opSend               //
	opConnect            //
	opShutdown           //
	opClose              //
	opFill               // READ of a file into the output queue
	opFileRead           // file read
	opPoll               // poll
	opCancel   op = 0x80 // added to the target's: ASYNC_CANCEL of it, which completes only if it failed
)

// slotMax bounds each table: 24 bits.
const slotMax = 1<<24 - 1

func userData(o op, slot, gen uint32) uint64 {
	return uint64(gen)<<32 | uint64(slot)<<8 | uint64(o)
}

func splitUserData(ud uint64) (o op, slot, gen uint32) {
	return op(ud), uint32(ud) >> 8, uint32(ud >> 32)
}
