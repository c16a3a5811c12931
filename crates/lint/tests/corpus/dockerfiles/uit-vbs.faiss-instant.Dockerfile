# source: https://github.com/uit-vbs/faiss-instant Dockerfile.gpu
FROM pytorch/pytorch:1.10.0-cuda11.3-cudnn8-devel
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/3bf863cc.pub \
 && apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu1804/x86_64/7fa2af80.pub
RUN apt-get update && apt-get install -y git
RUN pip3 install numpy Flask faiss-gpu GPUtil
RUN pip install git+https://github.com/salesforce/LAVIS
RUN python3 -c 'import torch; from lavis.models import load_model_and_preprocess; \
                device = torch.device("cuda" if torch.cuda.is_available() else "cpu"); \
                load_model_and_preprocess(name="blip_feature_extractor", model_type="base", device=device)'
COPY src /srv/src
CMD ["python3", "/srv/src/app.py", "--use_gpu"]
