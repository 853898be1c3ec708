// main: asks with the AWS SDK for Go, version 2, what comes in as JSON lines, and says what came back. Everything but
// the parameters of a call comes from the environment, as in anybody's function.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

type call struct {
	Operation  string         `json:"operation"`
	Parameters map[string]any `json:"parameters"`
	Pages      int32          `json:"pages"`
}

type reply map[string]any

// given: bytes as Go's JSON has them; everything else is called alike in the SDK's structs.
func given(value any) any {
	switch at := value.(type) {
	case map[string]any:
		if bytes, is := at["$bytes"]; is {
			return bytes
		}
		for name, one := range at {
			at[name] = given(one)
		}
	case []any:
		for i, one := range at {
			at[i] = given(one)
		}
	}
	return value
}

func toldStruct(value reflect.Value) any {
	if moment, is := value.Interface().(time.Time); is {
		return map[string]any{"$moment": moment.UnixMilli()}
	}
	out := map[string]any{}
	for i := 0; i < value.NumField(); i++ {
		field := value.Type().Field(i)
		// A bool without a pointer is one that is always there.
		there := !value.Field(i).IsZero() || field.Type.Kind() == reflect.Bool
		if field.IsExported() && field.Name != "ResultMetadata" && there {
			out[field.Name] = told(value.Field(i))
		}
	}
	return out
}

func toldList(value reflect.Value) any {
	if value.Type().Elem().Kind() == reflect.Uint8 {
		return map[string]any{"$bytes": base64.StdEncoding.EncodeToString(value.Bytes())}
	}
	out := []any{}
	for i := 0; i < value.Len(); i++ {
		out = append(out, told(value.Index(i)))
	}
	return out
}

func told(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Pointer:
		return told(value.Elem())
	case reflect.Struct:
		return toldStruct(value)
	case reflect.Slice:
		return toldList(value)
	case reflect.Map:
		out := map[string]any{}
		for _, name := range value.MapKeys() {
			out[name.String()] = told(value.MapIndex(name))
		}
		return out
	}
	return value.Interface()
}

func outcome(out reply, metadata middleware.Metadata) reply {
	if id, is := awsmiddleware.GetRequestIDMetadata(metadata); is {
		out["id"] = id
	}
	if raw, is := awsmiddleware.GetRawResponse(metadata).(interface{ Status() int }); is {
		out["status"] = raw.Status()
	}
	if tried, is := retry.GetAttemptResults(metadata); is {
		out["attempts"] = len(tried.Results)
	}
	return out
}

func refused(err error) reply {
	var api smithy.APIError
	var response *awshttp.ResponseError
	var tried *retry.MaxAttemptsError

	if !errors.As(err, &api) {
		return reply{"code": "Client", "message": err.Error()}
	}
	out := reply{"code": api.ErrorCode(), "message": api.ErrorMessage()}
	if errors.As(err, &response) {
		out["status"], out["id"] = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	if errors.As(err, &tried) {
		out["attempts"] = tried.Attempt
	}
	return out
}

func pages(client *secretsmanager.Client, asked call) reply {
	var in secretsmanager.ListSecretsInput
	list := []any{}
	var count int
	var first middleware.Metadata

	text, _ := json.Marshal(given(asked.Parameters))
	if err := json.Unmarshal(text, &in); err != nil {
		return refused(err)
	}
	in.MaxResults = &asked.Pages
	for walk := secretsmanager.NewListSecretsPaginator(client, &in); walk.HasMorePages(); count++ {
		page, err := walk.NextPage(context.Background())
		if err != nil {
			return refused(err)
		}
		if count == 0 {
			first = page.ResultMetadata
		}
		for i := range page.SecretList {
			list = append(list, told(reflect.ValueOf(page.SecretList[i])))
		}
	}
	return outcome(reply{"reply": map[string]any{"SecretList": list}, "pages": count}, first)
}

func ask(client *secretsmanager.Client, asked call) reply {
	if asked.Pages != 0 {
		return pages(client, asked)
	}
	method := reflect.ValueOf(client).MethodByName(asked.Operation)
	in := reflect.New(method.Type().In(1).Elem())
	text, _ := json.Marshal(given(asked.Parameters))
	if err := json.Unmarshal(text, in.Interface()); err != nil {
		return refused(err)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	if err, is := results[1].Interface().(error); is {
		return refused(err)
	}
	out := results[0].Elem()
	return outcome(reply{"reply": told(out)}, out.FieldByName("ResultMetadata").Interface().(middleware.Metadata))
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	client := secretsmanager.NewFromConfig(settings)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked call
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := answers.Encode(ask(client, asked)); err != nil {
			panic(err)
		}
	}
}
