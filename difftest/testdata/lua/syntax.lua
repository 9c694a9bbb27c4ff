ngx.say("unfinished"
