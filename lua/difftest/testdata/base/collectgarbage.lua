-- collectgarbage options and the types of their results.
print(type(collectgarbage("count")), collectgarbage("count") > 0, collectgarbage(), collectgarbage("collect"))
print(type(collectgarbage("step")), collectgarbage("stop"), collectgarbage("restart"), type(collectgarbage("setpause", 200)),
  type(collectgarbage("setstepmul", 200)))
print(collectgarbage("isrunning"))
print(pcall(collectgarbage, "nonsense")) print(pcall(function() collectgarbage("nonsense") end))
print(pcall(function() collectgarbage({}) end))
print(type(gcinfo()))
