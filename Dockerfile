# One image, two commands: `serve` (the default) and `worker`.
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /source
# poms first: what they name is fetched again only when they change
COPY pom.xml ./
COPY .mvn .mvn
COPY blocks/pom.xml blocks/
COPY search/pom.xml search/
COPY db/pom.xml db/
COPY web/pom.xml web/
RUN mvn -B -ntp -q dependency:go-offline -DexcludeReactor=true || true
COPY blocks blocks
COPY search search
COPY db db
COPY web web
RUN mvn -B -ntp -q -DskipTests -Dspotless.check.skip=true package \
    && java -Djarmode=tools -jar web/target/blockfront.jar extract --destination /blockfront

FROM eclipse-temurin:25-jdk
LABEL org.opencontainers.image.title="Blockfront" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --create-home --uid 10001 blockfront \
    && mkdir /data \
    && chown blockfront:blockfront /data
COPY --from=build /blockfront /opt/blockfront
# the JVM keeps the classes that it loads here: containers start in about half the time
RUN java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -XX:ArchiveClassesAtExit=/opt/blockfront/blockfront.jsa -Djava.awt.headless=true \
    -cp /opt/blockfront/blockfront.jar blockfront.web.cli.Blockfront rehearse >/dev/null 2>&1 \
    && test -s /opt/blockfront/blockfront.jsa
USER blockfront
WORKDIR /home/blockfront
ENV BLOCKFRONT_DATA_DIR=/data \
    BLOCKFRONT_HOST=0.0.0.0 \
    BLOCKFRONT_PORT=8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$BLOCKFRONT_PORT && printf 'GET /actuator/health HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '\"UP\"' <&3"]
ENTRYPOINT ["java", "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", \
  "--sun-misc-unsafe-memory-access=allow", "-XX:SharedArchiveFile=/opt/blockfront/blockfront.jsa", "-Xlog:cds=off", "-Xlog:aot=off", \
  "-Djava.awt.headless=true", \
  "-cp", "/opt/blockfront/blockfront.jar", "blockfront.web.cli.Blockfront"]
CMD ["serve"]
