"""The cache in Redis, without which everything still works, only slower.

Nothing is owed to a cache: when Redis does not answer, a read finds nothing and a write is forgotten, so that no
visitor sees an error for it. Limits on repeated attempts are open meanwhile; `/readyz` says that the broker is gone.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def _calm(name: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The client's method `name`; what `otherwise` answers to the same arguments when Redis does not."""
    method = getattr(RedisCacheClient, name)

    def calm(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except RedisError as error:
            log.warning("the cache does not answer: %s", type(error).__name__)
            return otherwise(*args, **kwargs)

    return calm


class CalmClient(RedisCacheClient):
    get = _calm("get", lambda key, default=None: default)
    get_many = _calm("get_many", lambda keys: {})
    has_key = _calm("has_key", lambda key: False)
    add = _calm("add", lambda *args: True)
    set = _calm("set", lambda *args: None)
    set_many = _calm("set_many", lambda *args: [])
    touch = _calm("touch", lambda *args: False)
    incr = _calm("incr", lambda key, delta=1: delta)
    delete = _calm("delete", lambda key: False)
    delete_many = _calm("delete_many", lambda keys: None)
    clear = _calm("clear", lambda: False)


class CalmRedisCache(RedisCache):
    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = CalmClient
