from config.cache import CalmRedisCache


def test_cache_whose_redis_is_gone_finds_nothing_and_breaks_nothing():
    cache = CalmRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 1}})
    assert cache.get("key") is None
    assert cache.get("key", "otherwise") == "otherwise"
    assert cache.get_or_set("key", 5) == 5
    assert cache.add("attempts", 0) is True
    assert cache.incr("attempts") == 1
    assert cache.set("key", 1) is None
    assert cache.set_many({"key": 1}) == []
    assert cache.get_many(["key"]) == {}
    assert cache.has_key("key") is False
    assert cache.touch("key") is False
    assert cache.delete("key") is False
    assert cache.delete_many(["key"]) is None
    assert cache.clear() is False
