-- \z swallows the white space that follows it, line ends included.
print("one \z
       two \z

       three")
print("a\z b\z	c\zd")
print(#"\z   ", "x\z
y")
