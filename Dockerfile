# The app in a container: built in one image, run in another as nobody, with nothing to write to.
#
#   docker build -t lumbayes .
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#       -p 127.0.0.1:8501:8501 lumbayes --host back.example.org

FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml hatch_build.py constraints.txt README.md LICENSE app.py ./
COPY .streamlit .streamlit
COPY data data
COPY model model
RUN python -m venv /opt/lumbayes
RUN /opt/lumbayes/bin/pip install --no-cache-dir --constraint constraints.txt ".[app]"
RUN /opt/lumbayes/bin/lumbayes assess --json low_back_pain=yes > /dev/null

FROM python:3.11-slim
COPY --from=build /opt/lumbayes /opt/lumbayes
ENV PATH=/opt/lumbayes/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
WORKDIR /tmp
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8501/ready', timeout=4)"]
ENTRYPOINT ["lumbayes", "app", "--address", "0.0.0.0"]
