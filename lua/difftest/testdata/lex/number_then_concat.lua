-- A space separates a numeral from '..'; keywords may follow a numeral directly only if they can't extend it.
print(1 ..2, 1 .. 2, "a"..1 ..'b')
print(2^53 ..'')
print(1. ..'x', (1)..(2))
