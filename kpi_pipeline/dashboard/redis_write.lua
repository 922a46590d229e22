-- Writes a snapshot, its event and its message together, unless Redis has a newer one.
-- KEYS: the snapshot, the stream. ARGV: revision, minute, envelope, message, channel, most events.
-- The stream's last entry says what is there: its id is the snapshot's, with a dash for the dot.
-- Returns 1 for written, 0 for there already, and the newer id for refused.
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local revision, minute = tonumber(ARGV[1]), tonumber(ARGV[2])
if last then
  local dash = string.find(last[1], '-', 1, true)
  local kept = tonumber(string.sub(last[1], 1, dash - 1))
  local kept_minute = tonumber(string.sub(last[1], dash + 1))
  if kept > revision or (kept == revision and kept_minute > minute) then
    return string.gsub(last[1], '-', '.')
  end
  if kept == revision and kept_minute == minute then
    -- Evicted or deleted, it is written again; whoever listens has heard of it.
    redis.call('SET', KEYS[1], ARGV[3], 'NX')
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[3])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], ARGV[1] .. '-' .. ARGV[2],
  'event', 'snapshot', 'id', ARGV[1] .. '.' .. ARGV[2])
redis.call('PUBLISH', ARGV[5], ARGV[4])
return 1
