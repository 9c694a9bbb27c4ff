-- Lets in who knows the word; the file itself is served by the static handler.
if ngx.req.get_headers()["X-Word"] ~= "sesame" then
    ngx.header["X-Gate"] = "shut"
    return ngx.exit(ngx.HTTP_FORBIDDEN)
end
ngx.header["X-Gate"] = "open"
