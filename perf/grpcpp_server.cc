// SPDX-License-Identifier: MIT
// grpc++ answering the same bytes to every call:  grpcpp_server PORT SIZE TLS_DIRECTORY
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

static grpc::ByteBuffer answer;

class Reactor : public grpc::ServerGenericBidiReactor {
public:
	Reactor() { StartRead(&asked); }
	void OnReadDone(bool ok) override
	{
		if (ok)
			StartWriteAndFinish(&answer, grpc::WriteOptions(), grpc::Status::OK);
		else
			Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no message"));
	}
	void OnDone() override { delete this; }

private:
	grpc::ByteBuffer asked;
};

class Service : public grpc::CallbackGenericService {
	grpc::ServerGenericBidiReactor *CreateReactor(grpc::GenericCallbackServerContext *) override { return new Reactor; }
};

static std::string contents(const std::string &path)
{
	std::ifstream file(path);
	std::stringstream text;
	text << file.rdbuf();
	return text.str();
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 64;
	std::string directory = argv[3];
	grpc::Slice bytes(std::string(std::strtoul(argv[2], nullptr, 10), 7));
	answer = grpc::ByteBuffer(&bytes, 1);

	grpc::SslServerCredentialsOptions options;
	options.pem_key_cert_pairs.push_back({ contents(directory + "/server-key.pem"), contents(directory + "/server.pem") });
	grpc::ServerBuilder builder;
	Service service;
	builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], grpc::SslServerCredentials(options));
	builder.RegisterCallbackGenericService(&service);
	std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
	if (!server)
		return 69;
	std::puts("ready");
	std::fflush(stdout);
	server->Wait();
}
