-- Writes a snapshot, its event and its message together, unless Redis has a newer one.
-- KEYS: the snapshot, the stream. ARGV: revision, minute, envelope, message, channel, most events,
-- and 1 for who writes for the first time, perhaps by a declaration that was saved meanwhile.
-- What the stream was given last says what is there, even if somebody has trimmed or emptied it:
-- its ids are those of snapshots, with a dash for the dot.
-- Returns 1 for written, 0 for there already, and the newer id for refused.
local info = redis.pcall('XINFO', 'STREAM', KEYS[2])  -- an error where there is none yet
local revision, minute = tonumber(ARGV[1]), tonumber(ARGV[2])
for place = 1, #info, 2 do
  if info[place] == 'last-generated-id' then
    local last, of_last = string.match(info[place + 1], '(%d+)-(%d+)')
    local kept, kept_minute = tonumber(last), tonumber(of_last)
    if kept > revision or (kept == revision and kept_minute > minute) then
      return last .. '.' .. of_last
    end
    if kept == revision and kept_minute == minute then
      -- Evicted or deleted, it is written again; whoever listens has heard of it.
      if redis.call('SET', KEYS[1], ARGV[3], 'NX') then return 0 end
      if ARGV[7] == '1' and redis.call('GET', KEYS[1]) ~= ARGV[3] then
        redis.call('SET', KEYS[1], ARGV[3])
        redis.call('PUBLISH', ARGV[5], ARGV[4])
        return 1
      end
      return 0
    end
  end
end
-- First, because it alone can be refused, and a script that fails does not undo what it did.
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], ARGV[1] .. '-' .. ARGV[2],
  'event', 'snapshot', 'id', ARGV[1] .. '.' .. ARGV[2])
redis.call('SET', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[5], ARGV[4])
return 1
