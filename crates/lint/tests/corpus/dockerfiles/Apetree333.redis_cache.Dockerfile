# source: https://github.com/Apetree333/redis_cache Dockerfile
FROM nvcr.io/
nvidia
/tritonserver:23.06-py
3 
COPY   'BUILD_tritonserver/
   /libtritoncache 
       /opt 
caches/redis
