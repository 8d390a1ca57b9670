-- One batch of one partition, with its position, or nothing of it.
-- KEYS  position epoch alerts ended ended:cmd feed latest geo health
-- ARGV  epoch, field (topic/partition), previous, first, next, cut (ms), feed length, then 6 for each entry:
--       offset, what, key, a, b, payload
--   open, end  key = alert id, a = version, b = end (ms), payload = command JSON
--   well, ill  key = subject of a health command, payload = command JSON
--   tell       payload = command JSON: for the feed only
--   last       key = station|property|status, payload = LatestValue JSON
--   place      key = station, a = longitude, b = latitude
-- Returns {'ok', stored before, entries that had an effect} or {'hole', stored}.
local position, epoch, alerts, ended, commands = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local feed, latest, geo, health = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local call = redis.call

local stored = tonumber(call('HGET', position, ARGV[2]) or 0)
local previous, first, next = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
-- Between `previous` and `first` the log has nothing; a database that stands before both has lost something.
if call('GET', epoch) ~= ARGV[1] or stored < math.min(previous, first) then
  return {'hole', stored}
end
if stored >= next then
  return {'ok', stored, 0}
end

local function field(json, pattern)
  -- Inside a JSON string every quote is escaped, so the pattern matches a key only; ours stand before any nested one.
  return json and string.match(json, pattern)
end

local function version(id)
  local json = call('HGET', alerts, id) or call('HGET', commands, id)
  return tonumber(field(json, '"version":(%d+)') or 0)
end

local function tell(json)
  call('XADD', feed, 'MAXLEN', '~', ARGV[7], '*', 'c', json)
  return 1
end

local act = {}

function act.open(id, a, b, json)
  if tonumber(a) <= version(id) then return 0 end
  call('HSET', alerts, id, json)
  if call('ZREM', ended, id) == 1 then call('HDEL', commands, id) end
  return tell(json)
end

act['end'] = function(id, a, b, json)
  if tonumber(a) <= version(id) then return 0 end
  call('HDEL', alerts, id)
  call('ZADD', ended, b, id)
  call('HSET', commands, id, json)
  return tell(json)
end

function act.ill(subject, a, b, json)
  local known = call('HGET', health, subject)
  if known and field(known, '"id":"([^"]*)"') == field(json, '"id":"([^"]*)"') then return 0 end
  call('HSET', health, subject, json)
  return tell(json)
end

function act.well(subject, a, b, json)
  call('HDEL', health, subject)
  return tell(json)
end

function act.tell(key, a, b, json)
  return tell(json)
end

function act.last(key, a, b, json)
  call('HSET', latest, key, json)
  return 1
end

function act.place(station, longitude, latitude)
  call('GEOADD', geo, longitude, latitude, station)
  return 0
end

local effects = 0
for i = 8, #ARGV, 6 do
  if tonumber(ARGV[i]) >= stored then
    effects = effects + act[ARGV[i + 1]](ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
  end
end

repeat
  local old = call('ZRANGEBYSCORE', ended, '-inf', '(' .. ARGV[6], 'LIMIT', 0, 500)
  if #old > 0 then
    call('ZREM', ended, unpack(old))
    call('HDEL', commands, unpack(old))
  end
until #old < 500

call('HSET', position, ARGV[2], ARGV[5])
return {'ok', stored, effects}
