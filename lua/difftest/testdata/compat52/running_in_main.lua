-- coroutine.running in the main thread: nil, or a thread and true with 5.2 compatibility.
print(coroutine.running())
print(select("#", coroutine.running()))
