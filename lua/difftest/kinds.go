package difftest

// A Kind is a sort of random programs.
type Kind struct {
	Name  string
	How   []string // ways to run it, one of which is taken
	Plain bool     // it means the same to Lua 5.1 and prints no error texts: gopher-lua can run it
	Share int      // how often it is made, against the other kinds' shares

	write func(Source, [][]byte) string
}

func only(f func(Source) string) func(Source, [][]byte) string {
	return func(s Source, _ [][]byte) string { return f(s) }
}

// Kinds are all there are.
var Kinds = []Kind{
	{Name: "program", How: []string{HowCalled, HowCoroutine}, Share: 8, write: only(Program)},
	{Name: "strings", How: []string{HowCalled}, Share: 4, write: only(Strings)},
	{Name: "numbers", How: []string{HowCalled}, Share: 3, write: only(Numbers)},
	{Name: "tables", How: []string{HowCalled, HowCoroutine}, Share: 3, write: only(Tables)},
	{Name: "buffers", How: []string{HowCalled}, Share: 1, write: only(Buffers)},
	{Name: "syntax", How: []string{HowCalled}, Share: 4, write: only(Syntax)},
	{Name: "limits", How: []string{HowCalled}, Share: 1, write: only(Limits)},
	{Name: "plain", How: []string{HowCounted}, Plain: true, Share: 4, write: only(Plain)},
	{Name: "mutated", How: []string{HowLoadedOnly}, Share: 4, write: Mutated},
}

// Make returns a program of a random kind; texts are the sources that some are made from.
func Make(s Source, texts [][]byte) (Kind, Chunk) {
	sum := 0
	for _, k := range Kinds {
		sum += k.Share
	}
	n := s.IntN(sum)
	for _, k := range Kinds {
		if n -= k.Share; n < 0 {
			how := k.How[s.IntN(len(k.How))]
			return k, Chunk{Source: k.write(s, texts), How: how}
		}
	}
	panic("no kind")
}
