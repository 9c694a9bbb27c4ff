local who = ngx.var.arg_who
if not who then
    ngx.status = 400
    return ngx.say("who?")
end
ngx.say("page for ", who)
