import { httpUrl, payload, quoted, type SnippetInput } from './snippet';

export const httpCpp = (input: SnippetInput) => `// send.cpp: g++ send.cpp -o send -lcurl (Debian: libcurl4-openssl-dev)
#include <curl/curl.h>

#include <cstdio>
#include <string>

int main() {
  const std::string token =
      ${quoted(input.token)};
  const std::string reading = ${quoted(payload(input))};

  CURL* curl = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str());
  headers = curl_slist_append(headers, "Content-Type: application/json");
  curl_easy_setopt(curl, CURLOPT_URL, ${quoted(httpUrl(input))});
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, reading.c_str());
  const CURLcode result = curl_easy_perform(curl);  // prints the answer
  if (result != CURLE_OK) std::fprintf(stderr, "%s\\n", curl_easy_strerror(result));
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return result == CURLE_OK ? 0 : 1;
}
`;
