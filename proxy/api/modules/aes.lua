-- resty.aes: AES in the modes of OpenSSL's EVP. The builtins do the work; here are the arguments and the errors.
local _, derive, crypt = ...
local error, setmetatable, sub, tonumber, tostring, type = error, setmetatable, string.sub, tonumber, tostring, type

local _M = { _VERSION = "0.17" }
local mt = { __index = _M }

-- What is passed on as _hash; opaque to callers.
local hash = { md5 = "md5", sha1 = "sha1", sha224 = "sha224", sha256 = "sha256", sha384 = "sha384", sha512 = "sha512" }
_M.hash = hash

local modes = { ecb = true, cbc = true, cfb1 = true, cfb8 = true, cfb128 = true, ofb = true, ctr = true, gcm = true }
local sizes = { [128] = 16, [192] = 24, [256] = 32 } -- bits, bytes of the key

function _M.cipher(size, cipher)
    size, cipher = size or 128, cipher or "cbc"
    if not sizes[tonumber(size)] or not modes[cipher] then
        error("missing declaration for symbol 'EVP_aes_" .. tostring(size) .. "_" .. tostring(cipher) .. "'", 2)
    end
    return { size = size, cipher = cipher, method = "aes-" .. size .. "-" .. cipher }
end

-- Zeros stand behind an iv that is shorter than the buffer which OpenSSL reads it from.
local function padded(iv, n)
    return sub(iv .. ("\0"):rep(n), 1, n)
end

function _M.new(self, key, salt, cipher, how, rounds, iv_len, padding)
    cipher = cipher or _M.cipher()
    how = how or hash.md5
    local size, mode = sizes[tonumber(cipher.size)], cipher.cipher
    local iv
    iv_len = iv_len or size
    if type(how) == "table" then
        iv = how.iv
        if not iv then
            return nil, "iv is needed"
        end
        iv_len = #iv
        if iv_len > size then
            return nil, "bad iv length"
        end
        if how.method then
            key = how.method(key)
        end
        if #key ~= size then
            return nil, "bad key length"
        end
    else
        if salt and #salt ~= 8 then
            return nil, "salt must be 8 characters or nil"
        end
        key, iv = derive(how, salt, key, rounds or 1, size, mode == "ecb" and 0 or mode == "gcm" and 12 or 16)
    end
    if mode == "gcm" then
        if iv_len <= 0 or iv_len > 128 then
            return nil, "failed to set IV length"
        end
        iv = padded(iv, iv_len)
    else
        iv = padded(iv, 16)
    end
    return setmetatable({ _cipher = mode, _key = key, _iv = iv, _padding = padding == nil or not not padding }, mt)
end

local function check(self)
    if type(self) ~= "table" then
        error("bad argument #1 self: table expected, got " .. type(self), 3)
    end
end

function _M.encrypt(self, s, aad)
    check(self)
    local out, tag = crypt(true, self._cipher, self._key, self._iv, self._padding, s, nil, aad)
    if not out then
        return nil, "EVP_EncryptFinal_ex failed"
    end
    if tag then
        return { out, tag }
    end
    return out
end

function _M.decrypt(self, s, tag, aad)
    check(self)
    local out = crypt(false, self._cipher, self._key, self._iv, self._padding, s, tag, aad)
    if not out then
        return nil, "EVP_DecryptFinal_ex failed"
    end
    return out
end

return _M
