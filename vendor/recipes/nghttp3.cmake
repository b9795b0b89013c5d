# NOMEMPOOL: malloc's blocks in place of pools for each connection, which stay almost empty and take 6 KB of an idle one.
# ngtcp2 keeps its own: it goes to them several times a packet, and was measured to need more CPU without.
vendor_tarball(nghttp3 C_FLAGS ${VENDOR_LTO} -DNOMEMPOOL
  ARGS -DENABLE_LIB_ONLY=ON -DENABLE_STATIC_LIB=ON -DENABLE_SHARED_LIB=OFF -DBUILD_TESTING=OFF)
