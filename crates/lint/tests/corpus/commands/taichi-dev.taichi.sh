# source: https://github.com/taichi-dev/taichi .github/workflows/scripts/common-utils.sh
function ci-docker-run-gpu {
    ci-docker-run \
        --runtime=nvidia \
        --gpus 'all,"capabilities=graphics,utility,display,video,compute"' \
        -e DISPLAY=:$i \
        $@
}
